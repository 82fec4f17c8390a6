package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.KernelLibrary;

/**
 * Cosines and sines of rotary position embeddings (RoFormer, arXiv 2104.09864) in Hugging Face's
 * half-split layout: column i and i + H/2 share the angle {@code position * theta^(-2i/H)}.
 */
final class RotaryTable {
  private final KernelLibrary kernels;
  private final NDArray cos_TH;
  private final NDArray sin_TH;

  RotaryTable(NDManager manager, KernelLibrary kernels, LanguageConfig config) {
    this.kernels = kernels;
    int positions = config.maxPositionEmbeddings();
    int headDim = config.headDim();
    int half = headDim / 2;
    float[] cos = new float[positions * headDim];
    float[] sin = new float[positions * headDim];
    for (int i = 0; i < half; i++) {
      // In fp32 as transformers computes it, so that long positions agree.
      float frequency = (float) (1.0 / Math.pow(config.ropeTheta(), 2.0 * i / headDim));
      for (int t = 0; t < positions; t++) {
        float angle = t * frequency;
        for (int column : new int[] {i, i + half}) {
          cos[t * headDim + column] = (float) Math.cos(angle);
          sin[t * headDim + column] = (float) Math.sin(angle);
        }
      }
    }
    Shape shape = new Shape(positions, headDim);
    cos_TH = manager.create(cos, shape);
    sin_TH = manager.create(sin, shape);
  }

  /** Positions 0 to {@code length - 1}, shape (length, H). */
  Rotation upTo(NDManager owner, int length) {
    long[] shape = {length, cos_TH.getShape().get(1)};
    return new Rotation(
        kernels.call(owner, "view", cos_TH, 0, shape),
        kernels.call(owner, "view", sin_TH, 0, shape));
  }

  /** One position per sample, shape (B, 1, 1, H). */
  Rotation at(NDManager owner, long[] positions_B) {
    NDArray rows = HostArrays.of(owner, positions_B);
    return new Rotation(
        kernels.call(owner, "rotary_rows", cos_TH, rows),
        kernels.call(owner, "rotary_rows", sin_TH, rows));
  }

  /** What a decoder layer needs. */
  record Rotation(NDArray cos, NDArray sin) {}
}
