package io.tokenflex.dataprep.order;

import org.apache.spark.Partitioner;

/** Assigns samples, keyed by their index in the dataset, to one partition per shard. */
public final class ShardPartitioner extends Partitioner {
  private static final long serialVersionUID = 1;

  private final int rowsPerShard;
  private final int numShards;

  public ShardPartitioner(int rowsPerShard, int numShards) {
    this.rowsPerShard = rowsPerShard;
    this.numShards = numShards;
  }

  @Override
  public int numPartitions() {
    return numShards;
  }

  @Override
  public int getPartition(Object key) {
    return Math.toIntExact((long) key / rowsPerShard);
  }
}
