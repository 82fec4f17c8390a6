package io.tokenflex.dataprep.verify;

import java.util.List;
import java.util.Locale;

/**
 * What verifying a dataset found.
 *
 * @param versions that were looked at
 * @param faults those that are told in full
 * @param numFaults all of them
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

  /** The verdict. */
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
