package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.tokenflex.Golden;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.batches.Pixels;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.testing.Losses;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("gpu")
class TokenFlexModelGoldenTest {
  @ParameterizedTest
  @CsvSource({"4, KEEP", "9, KEEP", "9, RECOMPUTE"})
  void lossAndEveryGradientEqualTheReference(int numVisionTokens, ActivationPolicy policy) {
    Golden golden = Golden.load("tokenflex_" + numVisionTokens);
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = load(manager, golden)) {
      model.parameters().segments().forEach(Segment::enableTraining);
      List<String> completed = new ArrayList<>();

      MicroBatch batch = batch(golden, "inputs.", golden.longs("inputs.labels"));
      double loss =
          Losses.addGradients(model, batch, policy, segment -> completed.add(segment.name()));

      double expected = golden.floats("outputs.loss")[0];
      assertThat(loss).isCloseTo(expected, within(1e-5 * expected));
      model
          .parameters()
          .namedGradients()
          .forEach((name, g) -> golden.assertClose("grads." + name, g));
      assertThat(completed)
          .as("segments in backward order, each once")
          .isEqualTo(model.trainedSegmentsInBackwardOrder().stream().map(Segment::name).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 9})
  void greedyTextEqualsTheReferenceTokenByToken(int numVisionTokens) {
    Golden golden = Golden.load("tokenflex_" + numVisionTokens);
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = load(manager, golden)) {
      for (int prompt = 0; prompt < 2; prompt++) {
        MicroBatch batch = batch(golden, "inputs.generate." + prompt + ".", new long[0]);
        long[] expected = golden.longs("outputs.generate." + prompt + ".ids");
        int[] lengths = {batch.sequenceLength()};
        List<Long> generated = new ArrayList<>();
        try (DecodingState state = BatchDecoding.start(model, batch, lengths, expected.length)) {
          while (generated.size() < expected.length) {
            long[] token = state.mostLikely();
            generated.add(token[0]);
            if (generated.size() < expected.length) {
              state.append(token);
            }
          }
        }
        assertThat(generated.stream().mapToLong(Long::longValue).toArray()).isEqualTo(expected);
      }
    }
  }

  private static TokenFlexModel load(NDManager manager, Golden golden) {
    TokenFlexModel model =
        TokenFlexModel.create(manager, GoldenConfigs.model(golden.config()), ComputeType.FP32);
    golden.below("weights.").forEach(model.parameters()::set);
    return model;
  }

  private static MicroBatch batch(Golden golden, String prefix, long[] labels) {
    long[] ids = golden.longs(prefix + "input_ids");
    int batchSize = (int) golden.shape(prefix + "input_ids").get(0);
    int length = ids.length / batchSize;
    long imageTokenId = golden.config().get("image_token_id").asLong();
    SupervisedRows rows = SupervisedRows.of(labels, length);
    return new MicroBatch(
        IntStream.range(0, batchSize).mapToObj(i -> "golden-" + i).toList(),
        VisionTokenCount.of(golden.config().get("num_vision_tokens").asInt()),
        length,
        ids,
        (int) golden.shape(prefix + "pixel_values").get(0),
        new Pixels.Values(golden.floats(prefix + "pixel_values")),
        IntStream.range(0, ids.length).filter(i -> ids[i] == imageTokenId).asLongStream().toArray(),
        rows.rows(),
        rows.targets());
  }
}
