package io.tokenflex.batches;

import static java.util.Objects.requireNonNull;

/**
 * A sample that was left out of its step.
 *
 * @param reason a sentence that names the sample and what is wrong with it
 */
public record SkippedSample(String id, String reason) {
  public SkippedSample {
    requireNonNull(id, "id");
    requireNonNull(reason, "reason");
  }
}
