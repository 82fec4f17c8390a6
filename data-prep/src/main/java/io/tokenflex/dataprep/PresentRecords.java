package io.tokenflex.dataprep;

import io.tokenflex.dataprep.source.ReadRecord.Parsed;
import io.tokenflex.dataprep.validate.RecordDigest;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Finds the records that a dataset holds unchanged, before any of their images is fetched. */
final class PresentRecords {
  /** What makes a record the same as a sample. */
  private record Identity(String id, String recordDigest) implements Serializable {}

  /** The how-manieth record, counted from 0, of which split. */
  private record Reading(int split, int number) implements Serializable {}

  private PresentRecords() {}

  /** By number of split: the records, counted as they are read, that are there already. */
  static Map<Integer, BitSet> find(
      JavaSparkContext spark,
      List<PlannedSplit> splits,
      PublishedSamples published,
      Broadcast<SerializableConfiguration> hadoop) {
    JavaPairRDD<Identity, Boolean> held =
        published
            .recordDigests()
            .mapToPair(sample -> new Tuple2<>(new Identity(sample._1(), sample._2()), true));
    return new HashMap<>(
        spark
            .parallelize(splits, splits.size())
            .flatMapToPair(split -> identities(split, hadoop.value().value()).iterator())
            .join(held)
            .mapToPair(match -> new Tuple2<>(match._2()._1().split(), match._2()._1().number()))
            .aggregateByKey(
                new BitSet(),
                (found, number) -> {
                  found.set(number);
                  return found;
                },
                (found, more) -> {
                  found.or(more);
                  return found;
                })
            .collectAsMap());
  }

  private static List<Tuple2<Identity, Reading>> identities(
      PlannedSplit split, Configuration configuration) throws IOException {
    List<Tuple2<Identity, Reading>> identities = new ArrayList<>();
    int[] numRead = {0};
    TaskMemory.read(
        split,
        configuration,
        read -> {
          Reading reading = new Reading(split.number(), numRead[0]++);
          if (read instanceof Parsed parsed) {
            Identity identity =
                new Identity(parsed.record().id(), RecordDigest.of(parsed.record()));
            identities.add(new Tuple2<>(identity, reading));
          }
        });
    return identities;
  }
}
