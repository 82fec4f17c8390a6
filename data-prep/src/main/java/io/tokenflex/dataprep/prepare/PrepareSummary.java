package io.tokenflex.dataprep.prepare;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.judge.SampleFaults;
import java.util.Locale;

/**
 * Result of a preparation.
 *
 * @param manifest of the dataset's newest version
 * @param faults the judge's result for the written samples
 */
public record PrepareSummary(Outcome outcome, Manifest manifest, SampleFaults faults) {
  /** A one-line summary for logs. */
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

  /** Outcome of a preparation. */
  public enum Outcome {
    /** A version with additional samples was published. */
    PUBLISHED,
    /** All samples of the input are already in the dataset. */
    NOTHING_NEW
  }
}
