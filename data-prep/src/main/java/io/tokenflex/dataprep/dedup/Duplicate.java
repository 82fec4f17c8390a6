package io.tokenflex.dataprep.dedup;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;
import java.util.Locale;

/**
 * Why a sample is removed.
 *
 * @param keptId the matching sample of smallest precedence
 * @param kind exact or near
 * @param distance maximum Hamming distance between the perceptual hashes of corresponding images; 0
 *     if {@code kind} is EXACT
 */
public record Duplicate(String keptId, Kind kind, int distance) implements Serializable {
  private static final long serialVersionUID = 1;

  /** Degree of similarity. */
  public enum Kind {
    /** All pixels are equal. */
    EXACT,
    /** Images are similar. */
    NEAR
  }

  public Duplicate {
    requireNonNull(keptId, "keptId");
    requireNonNull(kind, "kind");
    if (distance < 0 || distance > Long.SIZE || (kind == Kind.EXACT && distance != 0)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "distance is %d for kind %s; expected 0 if EXACT, else 0 to 64",
              distance,
              kind));
    }
  }
}
