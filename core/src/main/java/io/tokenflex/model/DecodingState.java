package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.kernels.GradMode;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.HostMemory;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * State of a batch during generation: the key/value cache and the logits of the next token.
 *
 * <p>Prompts are right-padded, so the prefill needs no mask. New tokens are stored behind the
 * longest prompt; a mask limits them to their own prompt and the tokens generated since. Position
 * ids count a sequence's own tokens, without padding.
 */
public final class DecodingState implements AutoCloseable {
  private final NDManager manager;
  private final LanguageModel language;
  private final int numLayers;
  private final int[] promptLengths_B;
  private final int promptWidth;
  private final KeyValueCache cache;
  private NDArray logits_BV;

  DecodingState(
      TokenFlexModel model,
      LanguageModel language,
      MicroBatch prompts,
      int[] promptLengths_B,
      int maxNewTokens) {
    this.language = language;
    this.numLayers = model.config().language().numHiddenLayers();
    this.promptLengths_B = promptLengths_B.clone();
    this.promptWidth = prompts.sequenceLength();
    int capacity = promptWidth + maxNewTokens;
    int maxPositions = model.config().language().maxPositionEmbeddings();
    if (capacity > maxPositions) {
      throw new InvalidInputException(
          String.format(
                  Locale.ROOT,
                  "Prompt of %d tokens + %d new ones exceed the model's %d positions; shorten the prompt or",
                  promptWidth,
                  maxNewTokens,
                  maxPositions)
              + " use fewer vision tokens");
    }
    this.manager = model.manager().newSubManager();
    this.cache =
        new KeyValueCache(manager, model.config().language(), prompts.batchSize(), capacity);
    prefill(model, prompts);
  }

  private void prefill(TokenFlexModel model, MicroBatch prompts) {
    try (NDManager pass = manager.newSubManager()) {
      NDArray ids_BT = HostArrays.of(pass, prompts.inputIds(), TokenFlexModel.idsShape(prompts));
      NDArray at = HostArrays.of(pass, prompts.visionPositions());
      NDArray x = language.embed(pass, ids_BT, model.encodeImages(pass, prompts), at);
      long[] lastRows =
          IntStream.range(0, promptLengths_B.length)
              .mapToLong(b -> (long) b * promptWidth + promptLengths_B[b] - 1)
              .toArray();
      forward(pass, x, language.rotary().upTo(pass, promptWidth), new NDList(), lastRows);
    }
  }

  /** Argmax of the logits of every sequence (greedy decoding), length B. */
  public long[] mostLikely() {
    try (NDArray argMax = logits_BV.argMax(1)) {
      return HostMemory.longs(argMax);
    }
  }

  /**
   * Whether the logits of each sequence are finite, length B; otherwise the argmax is meaningless.
   */
  public boolean[] finite() {
    // A sum is finite only if all its terms are; it is one number per sequence to copy from the
    // device.
    try (NDArray sums = logits_BV.sum(new int[] {1})) {
      float[] values = HostMemory.floats(sums);
      boolean[] finite = new boolean[values.length];
      for (int b = 0; b < finite.length; b++) {
        finite[b] = Float.isFinite(values[b]);
      }
      return finite;
    }
  }

  /** Logits of the next token, shape (B, vocab), fp32; valid until {@link #append}. */
  public NDArray logits() {
    return logits_BV;
  }

  /**
   * Appends one token to every sequence and computes the logits of the next.
   *
   * @param tokens_B one token id per sequence
   */
  public void append(long[] tokens_B) {
    if (cache.length() == cache.capacity()) {
      throw new IllegalStateException(
          "No room for a new token: the cache holds " + cache.capacity() + " positions");
    }
    GradMode.off(
        () -> {
          try (NDManager pass = manager.newSubManager()) {
            NDArray ids_BT = HostArrays.of(pass, tokens_B, new Shape(tokens_B.length, 1));
            NDArray x = language.embed(pass, ids_BT, new NDList(), pass.create(new long[0]));
            int generated = cache.length() - promptWidth;
            long[] positions_B =
                IntStream.of(promptLengths_B).mapToLong(length -> length + generated).toArray();
            long[] rows = IntStream.range(0, tokens_B.length).asLongStream().toArray();
            forward(pass, x, language.rotary().at(pass, positions_B), new NDList(mask(pass)), rows);
          }
          return null;
        });
  }

  private void forward(
      NDManager pass, NDArray x, RotaryTable.Rotation rotation, NDList mask, long[] rows) {
    int newPositions = Math.toIntExact(x.getShape().get(1));
    for (int layer = 0; layer < numLayers; layer++) {
      x = language.layerCached(pass, layer, x, rotation, cache, mask);
    }
    cache.advance(newPositions);
    if (logits_BV != null) {
      logits_BV.close();
    }
    logits_BV = language.logits(manager, x, pass.create(rows));
  }

  /**
   * Attention mask of the new tokens, shape (B, 1, 1, length + 1); true where attention is allowed.
   */
  private NDArray mask(NDManager pass) {
    int width = cache.length() + 1;
    boolean[] visible = new boolean[promptLengths_B.length * width];
    for (int b = 0; b < promptLengths_B.length; b++) {
      for (int t = 0; t < width; t++) {
        visible[b * width + t] = t < promptLengths_B[b] || t >= promptWidth;
      }
    }
    NDArray mask = pass.create(visible, new Shape(promptLengths_B.length, 1, 1, width));
    return mask.getDataType() == DataType.BOOLEAN ? mask : mask.toType(DataType.BOOLEAN, false);
  }

  @Override
  public void close() {
    manager.close();
  }
}
