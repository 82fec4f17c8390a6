package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.tokenflex.Golden;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.GradMode;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("gpu")
class LanguageModelGoldenTest {
  private static final String PREFIX = "language_model.";

  @ParameterizedTest
  @ValueSource(strings = {"decoder", "decoder_untied"})
  void hiddenStatesLogitsLossAndGradientsEqualQwen2(String fixture) {
    Golden golden = Golden.load(fixture);
    LanguageConfig config = GoldenConfigs.language(golden.config().get("language_config"));
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager);
        Tape tape = new Tape(kernels, manager, ActivationPolicy.KEEP)) {
      LanguageModel model = new LanguageModel(manager, kernels, config, ComputeType.FP32);
      List<Segment> segments = new ArrayList<>(List.of(model.embeddings()));
      segments.addAll(model.segmentsAfterEmbeddings());
      ParameterArena arena = new ParameterArena(segments);
      golden.below("weights.").forEach((name, values) -> arena.set(PREFIX + name, values));
      segments.forEach(Segment::enableTraining);

      NDArray ids_BT = golden.array(manager, "inputs.input_ids");
      int length = Math.toIntExact(ids_BT.getShape().get(1));
      NDArray noVision = manager.create(new long[0]);
      NDArray x = GradMode.off(() -> model.embed(manager, ids_BT, new NDList(), noVision));
      golden.assertClose("outputs.hidden_states.0", x);
      int k = 0;
      for (Layer layer : model.layers(model.rotary().upTo(manager, length))) {
        x = tape.apply(layer, x);
        k++;
        golden.assertClose("outputs.hidden_states." + k, x);
      }
      long all = ids_BT.size();
      NDArray everyRow = manager.create(LongStream.range(0, all).toArray());
      golden.assertClose("outputs.logits", model.logits(manager, x, everyRow));

      SupervisedRows rows = SupervisedRows.of(golden.longs("inputs.labels"), length);
      NDArray[] loss =
          model.lossAndGradient(
              manager, x, manager.create(rows.rows()), manager.create(rows.targets()));
      float expected = golden.floats("outputs.loss")[0];
      assertThat(loss[0].getFloat()).isCloseTo(expected, within(1e-4f * expected));
      assertThat(rows.targets()).hasSize((int) golden.longs("outputs.num_valid_tokens")[0]);

      NDArray dx = tape.backward(loss[1], true, segment -> {});
      model.embedBackward(manager, dx, ids_BT, noVision, 0);
      arena
          .namedGradients()
          .forEach((name, g) -> golden.assertClose("grads." + name.substring(PREFIX.length()), g));
    }
  }
}
