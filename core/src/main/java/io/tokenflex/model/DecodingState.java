package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.kernels.GradMode;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.HostMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * State of sequences during generation: the key/value cache and the logits of the next token.
 *
 * <p>A pass runs over the new rows of all sequences one after the other, not over a padded
 * rectangle: no position of one sequence depends on the length of another. What a row comes to does
 * not depend on the rows beside it either, down to the last bit in fp32: attention is computed per
 * sequence, and matrix products over a multiple of {@link #ROWS} rows (docs/answers.md).
 */
public final class DecodingState implements AutoCloseable {
  /**
   * Matrix products compute rows in groups of this size. MKL's bits of a row are the same for all
   * multiples of four and others for one, two or three rows.
   */
  static final int ROWS = 4;

  /** Prompts are run together up to so many rows; bounds the memory of a pass. */
  private static final int PREFILL_ROWS = 2048;

  private final NDManager manager;
  private final LanguageModel language;
  private final int numLayers;
  private final int maxPositions;
  private final int hiddenSize;
  private final KeyValueCache cache;
  private final int capacity;

  /** Rows of the cache that go on, in order, and their lengths by row. */
  private int[] slots;

  private final int[] lengths;
  private NDArray logits_BV;

  DecodingState(
      TokenFlexModel model, LanguageModel language, List<DecoderPrompt> prompts, int maxNewTokens) {
    this.language = language;
    this.numLayers = model.config().language().numHiddenLayers();
    this.maxPositions = model.config().language().maxPositionEmbeddings();
    this.hiddenSize = model.config().language().hiddenSize();
    this.slots = IntStream.range(0, prompts.size()).toArray();
    this.lengths = prompts.stream().mapToInt(prompt -> prompt.ids().length).toArray();
    int longest = IntStream.of(lengths).max().orElseThrow();
    if (longest > maxPositions) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "A prompt of %d tokens exceeds the model's %d positions; shorten the prompt or use fewer"
                  + " vision tokens",
              longest,
              maxPositions));
    }
    this.capacity = Math.min(maxPositions, Math.addExact(longest, maxNewTokens));
    this.manager = model.manager().newSubManager();
    try {
      this.cache = language.cache(manager, prompts.size(), capacity);
      prefill(prompts);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private void prefill(List<DecoderPrompt> prompts) {
    NDList parts = new NDList();
    int from = 0;
    while (from < prompts.size()) {
      int to = from;
      int rows = 0;
      while (to < prompts.size() && (to == from || rows + lengths[to] <= PREFILL_ROWS)) {
        rows += lengths[to++];
      }
      parts.add(prefill(prompts.subList(from, to), from));
      from = to;
    }
    if (parts.size() == 1) {
      logits_BV = parts.get(0);
    } else {
      logits_BV = attached(NDArrays.concat(parts, 0), manager);
      parts.close();
    }
  }

  private NDArray prefill(List<DecoderPrompt> prompts, int firstSlot) {
    int numRows = prompts.stream().mapToInt(prompt -> prompt.ids().length).sum();
    long[] ids = new long[padded(numRows)];
    long[] positions = new long[ids.length];
    int[] reached = new int[ids.length];
    List<long[]> visionPositions = new ArrayList<>();
    long[] counts = new long[prompts.size()];
    long[] last = new long[prompts.size()];
    List<NDArray> vision = new ArrayList<>();
    int row = 0;
    for (int i = 0; i < prompts.size(); i++) {
      DecoderPrompt prompt = prompts.get(i);
      int length = prompt.ids().length;
      int first = row;
      System.arraycopy(prompt.ids(), 0, ids, row, length);
      for (int t = 0; t < length; t++) {
        positions[row + t] = t;
      }
      Arrays.fill(reached, row, row + length, length);
      visionPositions.add(LongStream.of(prompt.visionPositions()).map(at -> first + at).toArray());
      vision.addAll(prompt.vision());
      counts[i] = length;
      row += length;
      last[i] = row - 1L;
    }
    long[] slotsOfPass =
        IntStream.range(firstSlot, firstSlot + prompts.size()).asLongStream().toArray();
    NewRows rows = new NewRows(slotsOfPass, new long[prompts.size()], counts);
    long[] at = visionPositions.stream().flatMapToLong(LongStream::of).toArray();
    try (NDManager pass = manager.newSubManager()) {
      NDList visionRows = new NDList();
      if (!vision.isEmpty()) {
        NDList flat = new NDList();
        vision.forEach(v -> flat.add(rowsOf(v, pass)));
        visionRows.add(flat.size() == 1 ? flat.get(0) : attached(NDArrays.concat(flat, 0), pass));
      }
      return forward(pass, ids, visionRows, at, positions, reached, rows, last);
    }
  }

  private NDArray rowsOf(NDArray vision_IVD, NDManager pass) {
    long rows = vision_IVD.getShape().get(0) * vision_IVD.getShape().get(1);
    return attached(vision_IVD.reshape(new Shape(rows, hiddenSize)), pass);
  }

  private static NDArray attached(NDArray array, NDManager owner) {
    array.attach(owner);
    return array;
  }

  private static int padded(int rows) {
    return (rows + ROWS - 1) / ROWS * ROWS;
  }

  /** Runs rows, padded to {@link #ROWS}, through the decoder; logits at {@code wanted} rows. */
  private NDArray forward(
      NDManager pass,
      long[] ids_R,
      NDList vision,
      long[] visionAt,
      long[] positions_R,
      int[] reached_R,
      NewRows rows,
      long[] wanted) {
    NDArray ids = HostArrays.of(pass, ids_R, new Shape(1, ids_R.length));
    NDArray x = language.embed(pass, ids, vision, HostArrays.of(pass, visionAt));
    RotaryTable.Rotation rotation = language.rotary().at(pass, positions_R, reached_R);
    for (int layer = 0; layer < numLayers; layer++) {
      NDArray y = language.layerCached(pass, layer, x, rotation, cache, rows);
      x.close();
      x = y;
    }
    long[] paddedRows = Arrays.copyOf(wanted, padded(wanted.length));
    NDArray logits = language.logits(pass, x, HostArrays.of(pass, paddedRows));
    NDArray result =
        paddedRows.length == wanted.length
            ? logits
            : logits.get(new NDIndex().addSliceDim(0, wanted.length));
    return attached(result, manager);
  }

  /** Number of sequences that go on. */
  public int size() {
    return slots.length;
  }

  /** Positions of a sequence so far, its prompt included. */
  public int length(int sequence) {
    return lengths[slots[sequence]];
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

  /** Log-probability of one token of each sequence as its next, length B. */
  public float[] logProbabilities(long[] tokens_B) {
    try (NDManager pass = manager.newSubManager()) {
      return GradMode.off(() -> language.logProbabilities(pass, logits_BV, tokens_B));
    }
  }

  /** Probability of each sequence's likeliest next token less that of the second, length B. */
  public float[] margins() {
    try (NDManager pass = manager.newSubManager()) {
      return GradMode.off(() -> language.margins(pass, logits_BV));
    }
  }

  /**
   * Logits of the next token, shape (B, vocab), fp32; valid until {@link #append} or {@link #keep}.
   */
  public NDArray logits() {
    return logits_BV;
  }

  /**
   * Goes on with some of the sequences; call {@link #append} before the logits are read again.
   *
   * @param sequences ascending indices of those that go on
   */
  public void keep(int[] sequences) {
    slots = IntStream.of(sequences).map(i -> slots[i]).toArray();
  }

  /**
   * Appends one token to every sequence and computes the logits of the next.
   *
   * @param tokens_B one token id per sequence
   */
  public void append(long[] tokens_B) {
    long[] ids = Arrays.copyOf(tokens_B, padded(slots.length));
    long[] positions = new long[ids.length];
    int[] reached = new int[ids.length];
    long[] starts = new long[slots.length];
    long[] counts = new long[slots.length];
    for (int i = 0; i < slots.length; i++) {
      int length = lengths[slots[i]];
      if (length == capacity) {
        throw new IllegalStateException(
            "No room for a new token: the cache holds " + capacity + " positions");
      }
      positions[i] = length;
      reached[i] = length + 1;
      starts[i] = length;
      counts[i] = 1;
    }
    NewRows rows = new NewRows(IntStream.of(slots).asLongStream().toArray(), starts, counts);
    long[] wanted = LongStream.range(0, slots.length).toArray();
    NDArray old = logits_BV;
    logits_BV =
        GradMode.off(
            () -> {
              try (NDManager pass = manager.newSubManager()) {
                return forward(
                    pass, ids, new NDList(), new long[0], positions, reached, rows, wanted);
              }
            });
    old.close();
    for (int slot : slots) {
      lengths[slot]++;
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
