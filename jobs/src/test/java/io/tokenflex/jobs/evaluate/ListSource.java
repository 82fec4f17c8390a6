package io.tokenflex.jobs.evaluate;

import io.tokenflex.samples.Sample;
import io.tokenflex.samples.SampleSource;
import java.util.List;

/** Samples in memory, cut into row groups of two. */
record ListSource(List<Sample> samples) implements SampleSource {
  private static final int ROWS = 2;

  @Override
  public String fingerprint() {
    return Integer.toHexString(samples.hashCode());
  }

  @Override
  public int numRowGroups() {
    return (samples.size() + ROWS - 1) / ROWS;
  }

  @Override
  public int numRows(int rowGroup) {
    return readRowGroup(rowGroup).size();
  }

  @Override
  public List<Sample> readRowGroup(int rowGroup) {
    return samples.subList(rowGroup * ROWS, Math.min(samples.size(), (rowGroup + 1) * ROWS));
  }

  @Override
  public void close() {}
}
