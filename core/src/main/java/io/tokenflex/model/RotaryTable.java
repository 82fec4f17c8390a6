package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.KernelLibrary;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Cosines and sines of rotary position embeddings (RoFormer, arXiv 2104.09864) in Hugging Face's
 * half-split layout: columns i and i + H/2 share the angle {@code position * frequency_i}. They are
 * kept as kernels multiply with them: in the compute type, and the sines of the first half
 * negative.
 *
 * <p>The table is cached up to the length at which frequencies begin to depend on the sequence
 * length; beyond, they are computed per pass.
 */
final class RotaryTable {
  private final KernelLibrary kernels;
  private final LanguageConfig config;
  private final ComputeType type;
  private final int length;
  private final Rotation table;

  RotaryTable(NDManager manager, KernelLibrary kernels, LanguageConfig config, ComputeType type) {
    this.kernels = kernels;
    this.config = config;
    this.type = type;
    this.length = Math.min(config.maxPositionEmbeddings(), config.ropeScaling().fixedUpTo());
    this.table = computed(manager, upTo(length), length, tableShape(length));
  }

  /** Rotation for positions 0 to {@code length - 1}, shape (length, H). */
  Rotation upTo(NDManager owner, int length) {
    if (length > this.length) {
      return computed(owner, upTo(length), length, tableShape(length));
    }
    long[] shape = tableShape(length).getShape();
    return new Rotation(
        kernels.call(owner, "view", table.cos(), 0, shape),
        kernels.call(owner, "view", table.sin(), 0, shape));
  }

  /**
   * Rotation for one position per row, shape (R, 1, H).
   *
   * @param lengths_R length that the row's sequence has reached, on which frequencies may depend
   */
  Rotation at(NDManager owner, long[] positions_R, int[] lengths_R) {
    if (IntStream.of(lengths_R).anyMatch(reached -> reached > length)) {
      return computed(
          owner, positions_R, lengths_R, new Shape(positions_R.length, 1, config.headDim()));
    }
    NDArray rows = HostArrays.of(owner, positions_R);
    return new Rotation(
        kernels.call(owner, "rotary_rows", table.cos(), rows),
        kernels.call(owner, "rotary_rows", table.sin(), rows));
  }

  private Rotation computed(NDManager owner, long[] positions, int passLength, Shape shape) {
    int[] lengths = new int[positions.length];
    Arrays.fill(lengths, passLength);
    return computed(owner, positions, lengths, shape);
  }

  private Rotation computed(NDManager owner, long[] positions, int[] lengths, Shape shape) {
    int headDim = config.headDim();
    int half = headDim / 2;
    float[] frequencies = new float[0];
    float[] cos = new float[positions.length * headDim];
    float[] sin = new float[positions.length * headDim];
    for (int row = 0; row < positions.length; row++) {
      if (row == 0 || lengths[row] != lengths[row - 1]) {
        frequencies =
            config.ropeScaling().inverseFrequencies(config.ropeTheta(), headDim, lengths[row]);
      }
      for (int i = 0; i < half; i++) {
        float angle = positions[row] * frequencies[i];
        int at = row * headDim + i;
        cos[at] = (float) Math.cos(angle);
        sin[at + half] = (float) Math.sin(angle);
        cos[at + half] = cos[at];
        sin[at] = -sin[at + half];
      }
    }
    return new Rotation(cast(owner, cos, shape), cast(owner, sin, shape));
  }

  private NDArray cast(NDManager owner, float[] values, Shape shape) {
    NDArray exact = HostArrays.of(owner, values, shape);
    NDArray array = kernels.call(owner, "cast", exact, type);
    exact.close(); // where nothing is cast, it shares its memory with the result
    return array;
  }

  private static long[] upTo(int length) {
    return LongStream.range(0, length).toArray();
  }

  private Shape tableShape(int length) {
    return new Shape(length, config.headDim());
  }

  /** Cosines and signed sines for one pass. */
  record Rotation(NDArray cos, NDArray sin) {}
}
