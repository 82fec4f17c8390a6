package io.tokenflex.dataprep.order;

import io.tokenflex.dataprep.record.Place;
import io.tokenflex.digest.Digests;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import org.apache.spark.Partitioner;

/**
 * Sort key of a record in the shuffled dataset. It depends on seed and id only, so the order is
 * independent of the number of tasks and the order of the input. Records with the same id are
 * adjacent, the earliest first.
 *
 * @param hash pseudo-random, compared as unsigned
 */
public record ShuffleKey(long hash, String id, Place place)
    implements Comparable<ShuffleKey>, Serializable {
  private static final Comparator<ShuffleKey> ORDER =
      Comparator.<ShuffleKey>comparingLong(key -> key.hash + Long.MIN_VALUE)
          .thenComparing(ShuffleKey::id)
          .thenComparing(ShuffleKey::place);

  /** Sorts before all input positions: a sample already in the dataset. */
  private static final Place PRESENT = new Place(-1, 0);

  public static ShuffleKey of(long seed, String id, Place place) {
    byte[] digest = Digests.sha256().digest((seed + "\n" + id).getBytes(StandardCharsets.UTF_8));
    return new ShuffleKey(ByteBuffer.wrap(digest).getLong(), id, place);
  }

  public static ShuffleKey ofPresent(long seed, String id) {
    return of(seed, id, PRESENT);
  }

  @Override
  public int compareTo(ShuffleKey other) {
    return ORDER.compare(this, other);
  }

  /**
   * Splits the range of hashes into equal parts, so that consecutive partitions form one sorted
   * sequence.
   */
  public static final class RangePartitioner extends Partitioner {
    private static final long serialVersionUID = 1;

    private final int numPartitions;

    public RangePartitioner(int numPartitions) {
      this.numPartitions = numPartitions;
    }

    @Override
    public int numPartitions() {
      return numPartitions;
    }

    @Override
    public int getPartition(Object key) {
      long upperHalf = ((ShuffleKey) key).hash >>> 32;
      return (int) ((upperHalf * numPartitions) >>> 32);
    }
  }
}
