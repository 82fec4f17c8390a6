package io.tokenflex.jobs.train;

import io.tokenflex.data.Sample;
import io.tokenflex.data.SampleSource;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Training data of which every read is watched: a hung file system does not answer. */
record WatchedSource(ParquetSampleSource source, RankWatch watch, Duration closeTimeout)
    implements SampleSource {
  @Override
  public String fingerprint() {
    return source.fingerprint();
  }

  @Override
  public int numRowGroups() {
    return source.numRowGroups();
  }

  @Override
  public int numRows(int rowGroup) {
    return source.numRows(rowGroup);
  }

  @Override
  public List<Sample> readRowGroup(int rowGroup) throws IOException {
    return watch.await(source.nameOf(rowGroup), () -> source.readRowGroup(rowGroup));
  }

  @Override
  public void close() throws IOException {
    new TimedClose(source, "The training data", closeTimeout).close();
  }
}
