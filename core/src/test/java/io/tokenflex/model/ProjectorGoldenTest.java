package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.Golden;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("gpu")
class ProjectorGoldenTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 9, 16, 25})
  void outputsAndGradientsEqualTheReferenceBelowAtAndAboveTheGrid(int numVisionTokens) {
    assertEqualsReference(Golden.load("projector"), Pooling.ADAPTIVE, numVisionTokens);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 9, 16, 25, 36})
  void interpolatedPoolingIsThatOfRistretto(int numVisionTokens) {
    assertEqualsReference(
        Golden.load("projector_interpolated"), Pooling.INTERPOLATED, numVisionTokens);
  }

  private static void assertEqualsReference(Golden golden, Pooling pooling, int numVisionTokens) {
    JsonNode json = golden.config().get("projector_config");
    int dv = json.get("vision_hidden_size").intValue();
    int d = json.get("hidden_size").intValue();
    ModelConfig config =
        new ModelConfig(
            new VisionConfig(dv, 1, 1, 1, golden.config().get("grid").get("height").asInt(), 1, 1),
            new ProjectorConfig(3 * dv, json.get("layer_norm_eps").doubleValue(), pooling),
            new LanguageConfig(2, d, 1, 1, 1, 1, 2, 1, 10_000, 1e-6, true));
    String tokens = "tokens" + numVisionTokens;
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager);
        Tape tape = new Tape(kernels, manager, ActivationPolicy.KEEP)) {
      Projector projector = new Projector(manager, kernels, config, ComputeType.FP32);
      ParameterArena arena = new ParameterArena(List.of(projector.segment()));
      golden.below("weights.").forEach(arena::set);
      projector.segment().enableTraining();

      Layer layer = projector.at(VisionTokenCount.of(numVisionTokens));
      NDArray y = tape.apply(layer, golden.array(manager, "inputs.features"));
      golden.assertClose("outputs." + tokens, y);
      NDArray upstream = golden.array(manager, "inputs.upstream." + tokens);
      NDArray dFeatures = tape.backward(upstream, true, segment -> {});

      golden.assertClose("grads." + tokens + ".features", dFeatures);
      arena
          .namedGradients()
          .forEach((name, g) -> golden.assertClose("grads." + tokens + "." + name, g));
    }
  }
}
