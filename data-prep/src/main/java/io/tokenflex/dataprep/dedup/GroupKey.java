package io.tokenflex.dataprep.dedup;

import java.io.Serializable;
import java.util.Comparator;
import org.apache.spark.Partitioner;

/**
 * Sort key: by group, then precedence, so that a group is read as a stream that starts with the
 * sample to keep.
 */
record GroupKey(String group, Precedence precedence, String id)
    implements Comparable<GroupKey>, Serializable {
  private static final long serialVersionUID = 1;

  private static final Comparator<GroupKey> ORDER =
      Comparator.comparing(GroupKey::group)
          .thenComparing(GroupKey::precedence)
          .thenComparing(GroupKey::id);

  @Override
  public int compareTo(GroupKey other) {
    return ORDER.compare(this, other);
  }

  GroupKey inGroup(String other) {
    return new GroupKey(other, precedence, id);
  }

  /** Puts all members of a group into one partition. */
  static final class ByGroup extends Partitioner {
    private static final long serialVersionUID = 1;

    private final int numPartitions;

    ByGroup(int numPartitions) {
      this.numPartitions = numPartitions;
    }

    @Override
    public int numPartitions() {
      return numPartitions;
    }

    @Override
    public int getPartition(Object key) {
      return Math.floorMod(((GroupKey) key).group().hashCode(), numPartitions);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByGroup partitioner && partitioner.numPartitions == numPartitions;
    }

    @Override
    public int hashCode() {
      return numPartitions;
    }
  }
}
