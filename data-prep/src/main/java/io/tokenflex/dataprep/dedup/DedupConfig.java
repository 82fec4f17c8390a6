package io.tokenflex.dataprep.dedup;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;
import java.util.Locale;

/**
 * Definition of duplicates.
 *
 * @param exact whether samples with equal pixels are duplicates
 * @param nearDistance maximum Hamming distance, 0 to 15 of 64 bits, between perceptual hashes of
 *     near duplicates; {@link #NO_NEAR_SEARCH} disables them. 3 finds copies of other size or
 *     compression; above 7, unrelated images match and the search becomes slow (see {@link
 *     DuplicateSearch})
 * @param scope what is compared
 */
public record DedupConfig(boolean exact, int nearDistance, Scope scope) implements Serializable {
  private static final long serialVersionUID = 1;

  /** Value of {@code nearDistance} that disables the search for near duplicates. */
  public static final int NO_NEAR_SEARCH = -1;

  private static final int LARGEST_DISTANCE = 15;

  /** What is compared. */
  public enum Scope {
    /**
     * Images and conversation: conversations must be equal, images equal or near. Samples without
     * images are duplicates if their conversations are equal and {@code exact} is set.
     */
    SAMPLE,
    /** Images only; samples without images are never duplicates. */
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
