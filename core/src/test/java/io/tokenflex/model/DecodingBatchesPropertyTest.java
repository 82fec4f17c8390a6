package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.HostMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In fp32 the logits of a sequence are the same bits whatever is generated beside it. */
class DecodingBatchesPropertyTest {
  private static final int NEW_TOKENS = 5;

  /** What a sequence is asked and what follows, chosen beforehand. */
  @SuppressWarnings("ArrayRecordComponent") // only read
  private record Planned(long[] ids, long[] at, float[] vision, long[] answer) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void logitsDoNotDependOnTheBatch(long seed) {
    Random random = new Random(seed);
    ModelConfig config = config(random);
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, config, ComputeType.FP32)) {
      TokenFlexModel.parameterSpecs(config)
          .forEach(
              spec ->
                  model
                      .parameters()
                      .set(
                          spec.name(),
                          new Initialization.Normal(0.3).values(spec.shape(), random)));
      if (seed > 3) {
        model.pack(); // as generation does
      }
      List<Planned> all = new ArrayList<>();
      List<List<float[]>> alone = new ArrayList<>();
      for (int i = 0; i < 13; i++) {
        all.add(planned(config, random));
        alone.add(run(model, List.of(all.get(i))).get(0));
      }
      List<Integer> order = new ArrayList<>(IntStream.range(0, all.size()).boxed().toList());
      for (int size : new int[] {2, 3, 4, 5, 7, 13}) {
        Collections.shuffle(order, random);
        List<Integer> batch = order.subList(0, size);
        List<List<float[]>> together = run(model, batch.stream().map(all::get).toList());
        for (int b = 0; b < size; b++) {
          for (int t = 0; t < together.get(b).size(); t++) {
            assertThat(together.get(b).get(t))
                .as("seed %d, batch of %d, sequence %d, token %d", seed, size, batch.get(b), t)
                .isEqualTo(alone.get(batch.get(b)).get(t));
          }
        }
      }
    }
  }

  /** Of each sequence its logits, one a token; sequences end one after the other. */
  private static List<List<float[]>> run(TokenFlexModel model, List<Planned> batch) {
    List<List<float[]>> logits = new ArrayList<>();
    batch.forEach(planned -> logits.add(new ArrayList<>()));
    int vocabSize = model.config().language().vocabSize();
    int hiddenSize = model.config().language().hiddenSize();
    try (NDManager manager = model.manager().newSubManager()) {
      List<DecoderPrompt> prompts = new ArrayList<>();
      for (Planned planned : batch) {
        Shape shape = new Shape(1, planned.at().length, hiddenSize);
        List<NDArray> vision =
            planned.at().length == 0
                ? List.of()
                : List.of(HostArrays.of(manager, planned.vision(), shape));
        prompts.add(new DecoderPrompt(planned.ids(), planned.at(), vision));
      }
      int[] going = IntStream.range(0, batch.size()).toArray();
      try (DecodingState state = model.startDecoding(prompts, NEW_TOKENS)) {
        for (int t = 0; ; t++) {
          float[] values = HostMemory.floats(state.logits());
          for (int i = 0; i < going.length; i++) {
            logits
                .get(going[i])
                .add(Arrays.copyOfRange(values, i * vocabSize, (i + 1) * vocabSize));
          }
          int step = t;
          int[] before = going;
          int[] kept =
              IntStream.range(0, before.length)
                  .filter(i -> batch.get(before[i]).answer().length > step)
                  .toArray();
          if (kept.length == 0) {
            return logits;
          }
          state.keep(kept);
          going = IntStream.of(kept).map(i -> before[i]).toArray();
          state.append(IntStream.of(going).mapToLong(b -> batch.get(b).answer()[step]).toArray());
        }
      }
    }
  }

  private static Planned planned(ModelConfig config, Random random) {
    int length = 1 + random.nextInt(random.nextBoolean() ? 8 : 90);
    int vocabSize = config.language().vocabSize();
    long[] ids = random.longs(length, 0, vocabSize).toArray();
    int first = random.nextInt(length);
    int numVision = random.nextBoolean() ? 0 : random.nextInt(length - first);
    long[] at = IntStream.range(first, first + numVision).asLongStream().toArray();
    float[] vision = new float[numVision * config.language().hiddenSize()];
    for (int i = 0; i < vision.length; i++) {
      vision[i] = (float) random.nextGaussian();
    }
    long[] answer = random.longs(random.nextInt(NEW_TOKENS + 1), 0, vocabSize).toArray();
    return new Planned(ids, at, vision, answer);
  }

  private static ModelConfig config(Random random) {
    int numKeyValueHeads = 1 + random.nextInt(3);
    int numHeads = numKeyValueHeads * (1 + random.nextInt(3));
    int family = random.nextInt(3);
    RopeScaling scaling =
        random.nextInt(3) == 0 ? new RopeScaling.Dynamic(2, 32) : new RopeScaling.None();
    return new ModelConfig(
        new VisionConfig(4, 4, 1, 1, 2, 1, 1e-6),
        new ProjectorConfig(4, 1e-5, Pooling.ADAPTIVE),
        new LanguageConfig(
            50 + random.nextInt(100),
            2 * (4 + random.nextInt(40)),
            5 + random.nextInt(150),
            1 + random.nextInt(3),
            numHeads,
            numKeyValueHeads,
            2 * (1 + random.nextInt(16)),
            128,
            10_000,
            1e-6,
            random.nextBoolean(),
            family == 0,
            family == 1,
            scaling));
  }
}
