package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.tokenflex.Golden;
import io.tokenflex.Parity;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.batches.Pixels;
import io.tokenflex.convert.PretrainedLanguageConfig;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.GradMode;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.names.DecoderNames;
import io.tokenflex.names.NameTable;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Published families under their published names against transformers. */
@Tag("gpu")
class LanguageFamiliesGoldenTest {
  /** Norm of the difference over that of the value; mantissas of 8 bits through two layers. */
  private static final double BF16_LOGITS = 0.03;

  private static final double BF16_GRADIENTS = 0.06;
  private static final double RELATIVE_LOSS = 1e-6;

  /** What the decoder computed, under the names of the golden. */
  private record Pass(Map<String, float[]> values, double loss) {}

  @ParameterizedTest
  @MethodSource("io.tokenflex.GoldenNames#decoders")
  void hiddenStatesLogitsLossAndGradientsEqualTheReference(String family) {
    Golden golden = Golden.load("language/" + family);
    Pass pass = pass(golden, ComputeType.FP32);
    Map<String, Double> largest = new TreeMap<>();
    pass.values()
        .forEach(
            (key, values) -> {
              double max = Parity.maxDifference(family + " " + key, values, golden.floats(key));
              largest.merge(key.replaceAll("\\..*", ""), max, Math::max);
            });
    double expected = golden.floats("outputs.loss")[0];
    assertThat(pass.loss()).isCloseTo(expected, within(RELATIVE_LOSS * expected));
    Parity.record("language", family, "outputs", largest.get("outputs"));
    Parity.record("language", family, "gradients", largest.get("grads"));
    Parity.record("language", family, "loss", Math.abs(pass.loss() - expected));
    System.out.printf(
        Locale.ROOT,
        "%-13s fp32: max difference %.1e of outputs, %.1e of gradients; loss %.1e of %.1f%n",
        family,
        largest.get("outputs"),
        largest.get("grads"),
        Math.abs(pass.loss() - expected),
        expected);
  }

  @ParameterizedTest
  @MethodSource("io.tokenflex.GoldenNames#decoders")
  void bfloatProductsStayNearTheReference(String family) {
    Golden golden = Golden.load("language/" + family);
    Pass pass = pass(golden, ComputeType.BF16);
    double logits = relativeDifference(golden, pass, "outputs.logits");
    double gradients = relativeDifference(golden, pass, "grads.");
    Parity.record("language", family, "bf16 logits", logits);
    Parity.record("language", family, "bf16 gradients", gradients);
    System.out.printf(
        Locale.ROOT,
        "%-13s bf16: relative difference %.1e of logits, %.1e of gradients%n",
        family,
        logits,
        gradients);
    assertThat(logits).as("%s logits", family).isBetween(1e-6, BF16_LOGITS);
    assertThat(gradients).as("%s gradients", family).isBetween(1e-6, BF16_GRADIENTS);
  }

  @ParameterizedTest
  @MethodSource("io.tokenflex.GoldenNames#decoders")
  void greedyIdsEqualTheReferenceTokenByToken(String family) {
    Golden golden = Golden.load("language/" + family);
    long[] prompts = golden.longs("inputs.generate.input_ids");
    int batchSize = (int) golden.shape("inputs.generate.input_ids").get(0);
    int length = prompts.length / batchSize;
    long[] expected = golden.longs("outputs.generate.ids");
    int newTokens = expected.length / batchSize;
    ModelConfig config =
        new ModelConfig(
            new VisionConfig(4, 4, 1, 1, 2, 1, 1e-6),
            new ProjectorConfig(4, 1e-5, Pooling.ADAPTIVE),
            config(golden));
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, config, ComputeType.FP32)) {
      load(golden, model.parameters());
      MicroBatch batch = textOnly(prompts, batchSize, length);
      long[] generated = new long[expected.length];
      try (DecodingState state =
          BatchDecoding.start(model, batch, new int[] {length, length}, newTokens)) {
        for (int t = 0; t < newTokens; t++) {
          long[] tokens_B = state.mostLikely();
          for (int b = 0; b < batchSize; b++) {
            generated[b * newTokens + t] = tokens_B[b];
          }
          if (t < newTokens - 1) {
            state.append(tokens_B);
          }
        }
      }
      assertThat(generated).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("io.tokenflex.GoldenNames#decoders")
  void theNameTableIsTotalAndGivesThePublishedTensorsBack(String family) {
    Golden golden = Golden.load("language/" + family);
    LanguageConfig config = config(golden);
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager)) {
      ParameterArena arena = arena(new LanguageModel(manager, kernels, config, ComputeType.FP32));
      Set<String> loaded = load(golden, arena);
      assertThat(loaded).as("our parameters").isEqualTo(arena.namedWeights().keySet());

      Map<String, float[]> exported = new HashMap<>();
      Map<String, NDArray> ours = arena.namedWeights();
      for (NameTable.Row row : DecoderNames.of(config).rows()) {
        for (int layer = 0; layer < config.numHiddenLayers() && !row.ours().isEmpty(); layer++) {
          String name = row.ours().get(0).replace("{}", Integer.toString(layer));
          assertThat(ours).containsKey(name);
          exported.put(
              row.published().replace("{}", Integer.toString(layer)),
              ours.get(name).toFloatArray());
        }
      }
      Map<String, float[]> published = golden.below("weights.");
      assertThat(exported.keySet()).isEqualTo(published.keySet());
      published.forEach(
          (name, values) -> assertThat(exported.get(name)).as(name).isEqualTo(values));
    }
  }

  private static Pass pass(Golden golden, ComputeType type) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager);
        Tape tape = new Tape(kernels, manager, ActivationPolicy.KEEP)) {
      LanguageModel model = new LanguageModel(manager, kernels, config(golden), type);
      ParameterArena arena = arena(model);
      load(golden, arena);
      arena.segments().forEach(Segment::enableTraining);
      Map<String, float[]> values = new TreeMap<>();

      NDArray ids_BT = golden.array(manager, "inputs.input_ids");
      int length = Math.toIntExact(ids_BT.getShape().get(1));
      NDArray noVision = manager.create(new long[0]);
      NDArray x = GradMode.off(() -> model.embed(manager, ids_BT, new NDList(), noVision));
      int k = 0;
      values.put("outputs.hidden_states.0", x.toFloatArray());
      for (Layer layer : model.layers(model.rotary().upTo(manager, length))) {
        x = tape.apply(layer, x);
        k++;
        values.put("outputs.hidden_states." + k, x.toFloatArray());
      }
      NDArray everyRow = manager.create(LongStream.range(0, ids_BT.size()).toArray());
      values.put("outputs.logits", model.logits(manager, x, everyRow).toFloatArray());

      SupervisedRows rows = SupervisedRows.of(golden.longs("inputs.labels"), length);
      assertThat(rows.targets()).hasSize((int) golden.longs("outputs.num_valid_tokens")[0]);
      NDArray[] loss =
          model.lossAndGradient(
              manager, x, manager.create(rows.rows()), manager.create(rows.targets()));
      NDArray dx = tape.backward(loss[1], true, segment -> {});
      model.embedBackward(manager, dx, ids_BT, noVision, 0);
      Map<String, NDArray> gradients = arena.namedGradients();
      NameTable table = DecoderNames.of(config(golden));
      for (String published : golden.below("grads.").keySet()) {
        String ours = table.find(published).orElseThrow().ours().get(0);
        values.put("grads." + published, gradients.get(ours).toFloatArray());
      }
      return new Pass(values, loss[0].getFloat());
    }
  }

  private static LanguageConfig config(Golden golden) {
    return PretrainedLanguageConfig.read(golden.config().get("config"), "golden");
  }

  private static ParameterArena arena(LanguageModel model) {
    List<Segment> segments = new ArrayList<>(List.of(model.embeddings()));
    segments.addAll(model.segmentsAfterEmbeddings());
    return new ParameterArena(segments);
  }

  /** Loads every published tensor; returns our names. */
  private static Set<String> load(Golden golden, ParameterArena arena) {
    NameTable table = DecoderNames.of(config(golden));
    Set<String> loaded = new HashSet<>();
    golden
        .below("weights.")
        .forEach(
            (published, values) -> {
              NameTable.Row row = table.find(published).orElseThrow();
              assertThat(row.ours()).as(published).hasSize(1);
              arena.set(row.ours().get(0), values);
              loaded.add(row.ours().get(0));
            });
    return loaded;
  }

  private static MicroBatch textOnly(long[] ids, int batchSize, int length) {
    return new MicroBatch(
        LongStream.range(0, batchSize).mapToObj(i -> "golden-" + i).toList(),
        VisionTokenCount.of(1),
        length,
        ids,
        0,
        Pixels.NONE,
        new long[0],
        new long[0],
        new long[0]);
  }

  private static double relativeDifference(Golden golden, Pass pass, String prefix) {
    double squaredDifference = 0;
    double squared = 0;
    for (Map.Entry<String, float[]> entry : pass.values().entrySet()) {
      if (entry.getKey().startsWith(prefix)) {
        float[] expected = golden.floats(entry.getKey());
        for (int i = 0; i < expected.length; i++) {
          squaredDifference += Math.pow((double) entry.getValue()[i] - expected[i], 2);
          squared += Math.pow(expected[i], 2);
        }
      }
    }
    return Math.sqrt(squaredDifference / squared);
  }
}
