package io.tokenflex.dataprep.prepare;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.judge.SampleFaults;
import java.util.Locale;

/**
 * What a preparation did.
 *
 * @param manifest of the dataset's newest version
 * @param faults what the judge found in the samples that were written
 */
public record PrepareSummary(Outcome outcome, Manifest manifest, SampleFaults faults) {
  /** In words, for a log. */
  public String toOneLine() {
    Manifest.Run run = manifest.run();
    if (outcome == Outcome.NOTHING_NEW) {
      return "nothing new";
    }
    String present =
        run.alreadyPresent() == 0
            ? ""
            : String.format(Locale.ROOT, ", %d were there already", run.alreadyPresent());
    return String.format(
        Locale.ROOT,
        "added %d of %d records, %d rejected%s",
        run.rows(),
        run.inputRows(),
        run.numRejects(),
        present);
  }

  /** What was done. */
  public enum Outcome {
    /** A version with further samples was published. */
    PUBLISHED,
    /** The dataset holds every sample of the input already. */
    NOTHING_NEW
  }
}
