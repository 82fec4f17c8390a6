package io.tokenflex.model;

import io.tokenflex.failure.InvalidInputException;
import java.util.Arrays;

/** How the projector pools the feature grid to n x n vision tokens. */
public enum Pooling {
  /** Adaptive average pooling, as in the paper (arXiv 2504.03154, section 3.3). */
  ADAPTIVE,
  /**
   * Bilinear upsampling (aligned corners) to the next multiple of n, then average pooling, as in
   * the published Ristretto-3B. Equals {@link #ADAPTIVE} if n divides the grid's side.
   */
  INTERPOLATED;

  /**
   * Parses {@code projector_config.pooling}.
   *
   * @throws IllegalArgumentException naming the known values
   */
  public static Pooling of(String name) {
    return Arrays.stream(values())
        .filter(pooling -> pooling.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "projector_config.pooling is %s; expected one of %s, whatever the case"
                        .formatted(name, Arrays.toString(values()))));
  }
}
