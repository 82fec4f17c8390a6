package io.tokenflex.batches;

import static java.util.Objects.requireNonNull;

import io.tokenflex.image.LevelNormalization;

/** Input of the vision tower, I x 3 x Y x X. */
public sealed interface Pixels {
  /** For a batch without images. */
  Pixels NONE = new Values(new float[0]);

  /**
   * Pictures with eight bits a channel. They reach the device as they are, a quarter of the bytes
   * of their pixel values, and are normalized there.
   *
   * @param levels unsigned
   */
  @SuppressWarnings("ArrayRecordComponent") // passed straight to the device, never compared
  record Levels(byte[] levels, LevelNormalization normalization) implements Pixels {
    public Levels {
      requireNonNull(levels, "levels");
      requireNonNull(normalization, "normalization");
    }
  }

  /** Pixel values of any origin. */
  @SuppressWarnings("ArrayRecordComponent") // passed straight to the device, never compared
  record Values(float[] values) implements Pixels {
    public Values {
      requireNonNull(values, "values");
    }
  }
}
