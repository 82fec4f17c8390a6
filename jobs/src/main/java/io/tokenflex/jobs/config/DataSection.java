package io.tokenflex.jobs.config;

/**
 * The prepared datasets of a run: folders with a manifest and shards; any Hadoop path.
 *
 * @param train what training reads
 * @param heldout what evaluation reads
 */
public record DataSection(String train, String heldout) {
  public DataSection {
    if (train.equals(heldout)) {
      throw new IllegalArgumentException(
          "train and heldout are both " + train + "; evaluate on samples that training never saw");
    }
  }
}
