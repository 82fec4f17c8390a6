package io.tokenflex.dataprep.order;

import io.tokenflex.dataprep.pack.PackedImage;
import io.tokenflex.dataprep.record.CheckedRecord;
import io.tokenflex.dataprep.record.CheckedRecord.Accepted;
import io.tokenflex.samples.Turn;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/** The records to write to shards, sorted by {@link ShuffleKey}. */
public final class AcceptedRecords {
  private final JavaRDD<CheckedRecord> records;
  private final List<Amount> byPartition;

  /** Number and size of the records of a partition. */
  private record Amount(long count, long bytes) implements Serializable {}

  private AcceptedRecords(JavaRDD<CheckedRecord> records, List<Amount> byPartition) {
    this.records = records;
    this.byPartition = byPartition;
  }

  /** Counts the accepted records; partitions must be in sort order. */
  public static AcceptedRecords of(JavaRDD<CheckedRecord> records) {
    return new AcceptedRecords(
        records,
        records
            .mapPartitions(partition -> List.of(amountOf(accepted(partition))).iterator())
            .collect());
  }

  private static Stream<Accepted> accepted(Iterator<CheckedRecord> records) {
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(records, Spliterator.ORDERED), false)
        .filter(record -> record instanceof Accepted)
        .map(record -> (Accepted) record);
  }

  private static Amount amountOf(Stream<Accepted> records) {
    long[] sums = new long[2];
    records.forEach(
        record -> {
          sums[0]++;
          sums[1] += bytesOf(record);
        });
    return new Amount(sums[0], sums[1]);
  }

  /** Approximate size of a record in a shard and in memory: images and texts. */
  public static long bytesOf(Accepted record) {
    return record.images().stream().mapToLong(PackedImage::length).sum()
        + record.conversation().stream().map(Turn::text).mapToLong(String::length).sum();
  }

  public long count() {
    return byPartition.stream().mapToLong(Amount::count).sum();
  }

  /**
   * Rows per shard: the multiple of the rows of a row group whose mean size is closest to the
   * target.
   *
   * @param mostRows maximum rows of a row group
   * @param mostBytes maximum bytes of a row group
   */
  public int rowsPerShard(int mostRows, long mostBytes, long targetShardBytes) {
    long bytes = byPartition.stream().mapToLong(Amount::bytes).sum();
    double bytesPerRow = (double) bytes / count();
    int rowsPerRowGroup =
        bytesPerRow * mostRows <= mostBytes
            ? mostRows
            : Math.max(1, (int) (mostBytes / bytesPerRow));
    double bytesPerRowGroup = Math.max(1, bytesPerRow * rowsPerRowGroup);
    long rowGroups = Math.max(1, Math.round(targetShardBytes / bytesPerRowGroup));
    // At most the total number of rows.
    return Math.toIntExact(
        Math.min(rowGroups, (count() - 1) / rowsPerRowGroup + 1) * rowsPerRowGroup);
  }

  /** The records with their indices in this run's output, from 0. */
  public JavaPairRDD<Long, Accepted> numbered() {
    long[] firstNumbers = new long[byPartition.size()];
    for (int i = 1; i < firstNumbers.length; i++) {
      firstNumbers[i] = firstNumbers[i - 1] + byPartition.get(i - 1).count();
    }
    return records
        .mapPartitionsWithIndex(
            (partition, partitionRecords) -> {
              long[] next = {firstNumbers[partition]};
              return accepted(partitionRecords)
                  .map(record -> new Tuple2<>(next[0]++, record))
                  .iterator();
            },
            /* preservesPartitioning= */ false)
        .mapToPair(numbered -> numbered);
  }
}
