package io.tokenflex.convert;

import ai.djl.ndarray.NDManager;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.batches.Pixels;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.ActivationPolicy;
import io.tokenflex.model.BatchDecoding;
import io.tokenflex.model.DecodingState;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.model.TowerFeatures;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.modelfolder.WeightLoader;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.testing.Losses;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** A model folder, loaded as training and generation load it. */
final class LoadedFolder implements AutoCloseable {
  private static final long IGNORE_INDEX = -100;

  private final NDManager manager = NDManager.newBaseManager("PyTorch");
  private final TokenFlexModel model;
  private final long imageTokenId;

  /** Pictures of a prompt. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Pictures(float[] pixels, int number) {
    static final Pictures NONE = new Pictures(new float[0], 0);
  }

  LoadedFolder(Path folder) throws IOException {
    byte[] json = Files.readAllBytes(folder.resolve(ModelFiles.CONFIG));
    ModelConfig config = ModelFiles.readConfig(json, folder.toString());
    imageTokenId = Json.read(folder.resolve(ModelFiles.CONFIG)).get("image_token_id").longValue();
    model = TokenFlexModel.create(manager, config, ComputeType.FP32);
    try (SafetensorsFolder tensors = SafetensorsFolder.open(folder)) {
      WeightLoader.load(tensors, model.parameters());
    }
  }

  TokenFlexModel model() {
    return model;
  }

  ModelConfig config() {
    return model.config();
  }

  long imageTokenId() {
    return imageTokenId;
  }

  float[] weights(String name) {
    return model.parameters().namedWeights().get(name).toFloatArray();
  }

  float[] features(Pictures pictures) {
    return TowerFeatures.of(model, pictures.pixels(), pictures.number());
  }

  /** Logits at every position: as many copies of the sequence as it has prefixes. */
  float[] logits(long[] ids, Pictures pictures, int numVisionTokens) {
    int length = ids.length;
    MicroBatch copies = batch(ids, length, pictures, numVisionTokens, new long[0]);
    int[] lengths = IntStream.rangeClosed(1, length).toArray();
    try (DecodingState state = BatchDecoding.start(model, copies, lengths, 1)) {
      return state.logits().toFloatArray();
    }
  }

  double loss(long[] ids, long[] labels, Pictures pictures, int numVisionTokens) {
    MicroBatch batch = batch(ids, 1, pictures, numVisionTokens, labels);
    return Losses.addGradients(model, batch, ActivationPolicy.KEEP, segment -> {});
  }

  long[] greedy(long[] ids, Pictures pictures, int numVisionTokens, int newTokens) {
    MicroBatch batch = batch(ids, 1, pictures, numVisionTokens, new long[0]);
    long[] answer = new long[newTokens];
    try (DecodingState state =
        BatchDecoding.start(model, batch, new int[] {ids.length}, newTokens)) {
      for (int t = 0; t < newTokens; t++) {
        answer[t] = state.mostLikely()[0];
        if (t < newTokens - 1) {
          state.append(new long[] {answer[t]});
        }
      }
    }
    return answer;
  }

  private MicroBatch batch(
      long[] ids, int copies, Pictures pictures, int numVisionTokens, long[] labels) {
    long[] allIds = repeated(ids, copies);
    float[] pixels = new float[pictures.pixels().length * copies];
    for (int i = 0; i < copies; i++) {
      int length = pictures.pixels().length;
      System.arraycopy(pictures.pixels(), 0, pixels, i * length, length);
    }
    long[] rows =
        LongStream.range(0, Math.max(0, labels.length - 1))
            .filter(i -> labels[(int) i + 1] != IGNORE_INDEX)
            .toArray();
    return new MicroBatch(
        Collections.nCopies(copies, "golden"),
        VisionTokenCount.of(numVisionTokens),
        ids.length,
        allIds,
        pictures.number() * copies,
        new Pixels.Values(pixels),
        pictures.number() == 0
            ? new long[0]
            : LongStream.range(0, allIds.length)
                .filter(i -> allIds[(int) i] == imageTokenId)
                .toArray(),
        rows,
        LongStream.of(rows).map(i -> labels[(int) i + 1]).toArray());
  }

  private static long[] repeated(long[] ids, int copies) {
    return IntStream.range(0, copies).boxed().flatMapToLong(i -> LongStream.of(ids)).toArray();
  }

  @Override
  public void close() {
    model.close();
    manager.close();
  }
}
