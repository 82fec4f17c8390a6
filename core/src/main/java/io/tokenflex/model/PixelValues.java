package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.batches.Pixels;
import io.tokenflex.image.LevelNormalization;
import io.tokenflex.kernels.DeviceCopies;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.KernelLibrary;

/** Makes the vision tower's input of a batch's pixels. */
final class PixelValues {
  private final NDManager manager;
  private final KernelLibrary kernels;
  private final DeviceCopies copies;
  private final int imageSize;
  private LevelNormalization normalization;
  private NDArray table;

  /**
   * Creates the input of one model.
   *
   * @param manager outlives the input
   * @param imageSize side of a picture, in pixels
   */
  PixelValues(NDManager manager, KernelLibrary kernels, DeviceCopies copies, int imageSize) {
    this.manager = manager;
    this.kernels = kernels;
    this.copies = copies;
    this.imageSize = imageSize;
  }

  /** Normalized values, I x 3 x Y x X, of so many images, at least one. */
  NDArray of(NDManager owner, Pixels pixels, int images) {
    Shape shape = new Shape(images, VisionConfig.NUM_CHANNELS, imageSize, imageSize);
    if (pixels instanceof Pixels.Values given) {
      return HostArrays.of(owner, given.values(), shape);
    }
    Pixels.Levels eightBits = (Pixels.Levels) pixels;
    try (NDArray levels = copies.of(owner, eightBits.levels(), shape)) {
      return kernels.call(owner, "pixel_values", levels, tableOf(eightBits.normalization()));
    }
  }

  /** On the device; a model has one normalization, so the last one is kept. */
  private NDArray tableOf(LevelNormalization asked) {
    if (!asked.equals(normalization)) {
      if (table != null) {
        table.close();
      }
      Shape shape = new Shape(VisionConfig.NUM_CHANNELS, LevelNormalization.LEVELS);
      table = HostArrays.of(manager, asked.table(), shape);
      normalization = asked;
    }
    return table;
  }
}
