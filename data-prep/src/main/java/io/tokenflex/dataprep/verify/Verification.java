package io.tokenflex.dataprep.verify;

import java.util.List;
import java.util.Locale;

/**
 * Result of verifying a dataset.
 *
 * @param versions verified versions
 * @param faults reported faults
 * @param numFaults number of all faults, including those not reported
 */
public record Verification(
    List<Integer> versions,
    long numShards,
    long numSamples,
    long numImages,
    List<Fault> faults,
    long numFaults) {

  public Verification {
    versions = List.copyOf(versions);
    faults = List.copyOf(faults);
  }

  public boolean isIntact() {
    return numFaults == 0;
  }

  /** A one-line summary. */
  public String toOneLine() {
    String found = isIntact() ? "no fault" : numFaults == 1 ? "1 fault" : numFaults + " faults";
    return String.format(
        Locale.ROOT,
        "%d shards, %d samples, %d images: %s",
        numShards,
        numSamples,
        numImages,
        found);
  }
}
