package io.tokenflex.model;

import io.tokenflex.failure.InvalidInputException;
import java.util.Arrays;

/** How the projector brings the feature grid down to n x n vision tokens. */
public enum Pooling {
  /** Adaptive average pooling, as the paper says (arXiv 2504.03154, section 3.3). */
  ADAPTIVE,
  /**
   * Bilinear enlargement (corners aligned) to the next multiple of n, then average pooling, as the
   * published Ristretto-3B does it; the same wherever n divides the grid's side.
   */
  INTERPOLATED;

  /**
   * The pooling of {@code projector_config.pooling}.
   *
   * @throws IllegalArgumentException naming those that there are
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
