package io.tokenflex.jobs.config;

import io.tokenflex.failure.InvalidInputException;
import java.util.Optional;

/**
 * The prepared datasets of a run; any Hadoop path.
 *
 * @param train what training reads
 * @param heldout what evaluation reads
 * @param trainVersion which version of the training data; if absent, a new run takes the newest and
 *     a resumed one the version it began with
 * @param heldoutVersion which version of the evaluation data; the newest if absent
 * @param calibrate what calibrate reads; no reported number may use it
 * @param calibrateVersion which version of it; the newest if absent
 * @param checkSamples about how many training samples are tokenized before the first step, to tell
 *     which cannot be trained on; 0 looks at none
 */
public record DataSection(
    String train,
    String heldout,
    Optional<Integer> trainVersion,
    Optional<Integer> heldoutVersion,
    Optional<String> calibrate,
    Optional<Integer> calibrateVersion,
    long checkSamples) {
  public DataSection {
    if (train.equals(heldout)) {
      throw new InvalidInputException(
          "train and heldout are both " + train + "; evaluate on samples that training never saw");
    }
    if (calibrate.isPresent()
        && (calibrate.get().equals(heldout) || calibrate.get().equals(train))) {
      throw new InvalidInputException(
          "calibrate is "
              + calibrate.get()
              + ", which is train or heldout too; calibrate on samples that training never saw and"
              + " that no reported number uses");
    }
    if (checkSamples < 0) {
      throw new InvalidInputException(
          "checkSamples is " + checkSamples + "; expected a number of samples, 0 to look at none");
    }
  }
}
