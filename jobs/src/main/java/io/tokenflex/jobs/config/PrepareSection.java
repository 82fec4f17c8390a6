package io.tokenflex.jobs.config;

import io.tokenflex.dataprep.PrepareConfig;
import io.tokenflex.jobs.RunFolder;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/**
 * How raw data becomes the datasets of {@link DataSection}; the sizes are those of {@link
 * PrepareConfig}.
 *
 * @param train where the training data comes from
 * @param heldout where the evaluation data comes from
 * @param overwrite whether another dataset at the output is replaced
 */
public record PrepareSection(
    Source train,
    Source heldout,
    int rowsPerRowGroup,
    int rowsPerShard,
    long maxPixels,
    long maxImageBytes,
    int maxTextChars,
    double maxRejectFraction,
    boolean overwrite) {

  /**
   * Raw data in LLaVA format.
   *
   * @param input JSON array or one record a line; any Hadoop path
   * @param imageFolder folder that image names are relative to
   */
  public record Source(String input, String imageFolder) {}

  public PrepareSection {
    // PrepareConfig knows the limits: ask it while the file and line of a mistake are known.
    new PrepareConfig(
        train.input(),
        train.imageFolder(),
        "",
        0,
        rowsPerRowGroup,
        rowsPerShard,
        maxPixels,
        (int) Math.min(Integer.MAX_VALUE, maxImageBytes),
        maxTextChars,
        maxRejectFraction,
        overwrite);
  }

  /** The preparation of the training data, with paths that executors understand. */
  public PrepareConfig ofTrain(RunSection run, DataSection data, Configuration hadoop)
      throws IOException {
    return of(train, data.train(), run.seed(), hadoop);
  }

  /** The preparation of the evaluation data, with paths that executors understand. */
  public PrepareConfig ofHeldout(RunSection run, DataSection data, Configuration hadoop)
      throws IOException {
    return of(heldout, data.heldout(), run.seed(), hadoop);
  }

  private PrepareConfig of(Source source, String output, long seed, Configuration hadoop)
      throws IOException {
    return new PrepareConfig(
        RunFolder.qualified(source.input(), hadoop),
        RunFolder.qualified(source.imageFolder(), hadoop),
        RunFolder.qualified(output, hadoop),
        seed,
        rowsPerRowGroup,
        rowsPerShard,
        maxPixels,
        (int) Math.min(Integer.MAX_VALUE, maxImageBytes),
        maxTextChars,
        maxRejectFraction,
        overwrite);
  }
}
