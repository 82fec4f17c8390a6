package io.tokenflex.batches;

import static java.util.Objects.requireNonNull;

/**
 * A sample omitted from its step.
 *
 * @param reason a sentence that names the sample and the problem
 */
public record SkippedSample(String id, String reason) {
  public SkippedSample {
    requireNonNull(id, "id");
    requireNonNull(reason, "reason");
  }
}
