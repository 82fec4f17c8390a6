package io.tokenflex.dataprep.dedup;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;
import java.util.Locale;

/**
 * Why a sample must go.
 *
 * @param keptId the sample of smallest precedence that it duplicates
 * @param kind whether the pixels are equal
 * @param distance bits between the perceptual hashes, the most of all images; 0 if {@code kind} is
 *     EXACT
 */
public record Duplicate(String keptId, Kind kind, int distance) implements Serializable {
  private static final long serialVersionUID = 1;

  /** How alike two samples are. */
  public enum Kind {
    /** All pixels are equal. */
    EXACT,
    /** The pictures look alike. */
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
