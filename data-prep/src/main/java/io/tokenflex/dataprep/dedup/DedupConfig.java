package io.tokenflex.dataprep.dedup;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;
import java.util.Locale;

/**
 * What counts as a duplicate.
 *
 * @param exact whether samples with equal pixels are duplicates
 * @param nearDistance most differing bits, 0 to 15 of 64, between the perceptual hashes of near
 *     pictures; {@link #NO_NEAR_SEARCH} for none. 3 finds copies of other size or compression;
 *     above 7 unlike pictures meet, and the search becomes slow (see {@link DuplicateSearch})
 * @param scope what is compared
 */
public record DedupConfig(boolean exact, int nearDistance, Scope scope) implements Serializable {
  private static final long serialVersionUID = 1;

  /** The {@code nearDistance} that leaves near pictures alone. */
  public static final int NO_NEAR_SEARCH = -1;

  private static final int LARGEST_DISTANCE = 15;

  /** What is compared. */
  public enum Scope {
    /**
     * Images and conversation: the conversations must be equal, and the images equal or near.
     * Samples without images are duplicates if their conversations are equal and exact duplicates
     * are searched.
     */
    SAMPLE,
    /** Images alone, whatever is said about them; samples without images are never duplicates. */
    IMAGE
  }

  public DedupConfig {
    requireNonNull(scope, "scope");
    if (nearDistance < NO_NEAR_SEARCH || nearDistance > LARGEST_DISTANCE) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "nearDistance is %d; expected 0 to %d bits, or %d for no near search",
              nearDistance,
              LARGEST_DISTANCE,
              NO_NEAR_SEARCH));
    }
  }

  public boolean searchesNear() {
    return nearDistance != NO_NEAR_SEARCH;
  }

  public boolean searchesAny() {
    return exact || searchesNear();
  }
}
