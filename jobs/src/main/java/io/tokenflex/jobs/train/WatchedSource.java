package io.tokenflex.jobs.train;

import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.samples.ForwardingSource;
import io.tokenflex.samples.Sample;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Training data of which every read is watched: a hung file system does not answer. */
final class WatchedSource extends ForwardingSource {
  private final ParquetSampleSource shards;
  private final RankWatch watch;
  private final Duration closeTimeout;

  /**
   * Watches a dataset.
   *
   * @param closeTimeout after which it is left open
   */
  WatchedSource(ParquetSampleSource shards, RankWatch watch, Duration closeTimeout) {
    super(shards);
    this.shards = shards;
    this.watch = watch;
    this.closeTimeout = closeTimeout;
  }

  @Override
  public List<Sample> readRowGroup(int rowGroup) throws IOException {
    return watch.await(shards.nameOf(rowGroup), () -> super.readRowGroup(rowGroup));
  }

  @Override
  public void close() throws IOException {
    new TimedClose(shards, "The training data", closeTimeout).close();
  }
}
