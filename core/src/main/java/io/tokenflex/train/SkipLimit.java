package io.tokenflex.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenflex.batches.SkippedSample;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;

/**
 * Ends a run that skips more than a few samples: then it is not a sample that is wrong but the
 * dataset or a setting.
 *
 * <p>Every rank counts the same samples, those of all ranks, and so all end at the same step.
 */
final class SkipLimit {
  /** A share of fewer samples than this says little. */
  private static final long LEAST_SAMPLES = 1000;

  private final double maxFraction;
  private final long leastSamples;
  private long drawn;
  private long skipped;
  private String example = "";

  /**
   * Nothing drawn yet.
   *
   * @param maxFraction of the samples drawn that may be skipped
   * @param samplesInDataset until so many were drawn, or a thousand, the share is taken of them
   */
  SkipLimit(double maxFraction, long samplesInDataset) {
    this.maxFraction = maxFraction;
    this.leastSamples = Math.min(samplesInDataset, LEAST_SAMPLES);
  }

  /**
   * Counts a step. A collective call where the limit is exceeded.
   *
   * @param mine what this rank skipped
   * @param numDrawn samples of the step over all ranks
   * @param numSkipped of them, skipped
   * @throws InvalidInputException if too many were skipped
   */
  void count(List<SkippedSample> mine, int numDrawn, int numSkipped, ProcessGroup group) {
    drawn += numDrawn;
    skipped += numSkipped;
    if (!mine.isEmpty()) {
      example = mine.get(mine.size() - 1).reason();
    }
    if (skipped > maxFraction * Math.max(drawn, leastSamples)) {
      String reason =
          group.allGather(example.getBytes(UTF_8)).stream()
              .map(bytes -> new String(bytes, UTF_8))
              .filter(text -> !text.isEmpty())
              .findFirst()
              .orElse("");
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d of %d samples drawn since the run started or was resumed had to be skipped, more"
                  + " than train.maxBadSampleFraction = %s allows. One of them: %s. Mend that, or"
                  + " allow more",
              skipped,
              drawn,
              maxFraction,
              reason));
    }
  }
}
