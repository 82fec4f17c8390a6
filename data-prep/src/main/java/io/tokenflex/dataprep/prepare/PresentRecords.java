package io.tokenflex.dataprep.prepare;

import io.tokenflex.dataprep.input.HeldRecords;
import io.tokenflex.dataprep.input.PlannedSplit;
import io.tokenflex.dataprep.input.TaskMemory;
import io.tokenflex.dataprep.record.RecordIds;
import io.tokenflex.dataprep.record.SourceRecord;
import io.tokenflex.dataprep.source.ReadRecord.Parsed;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Finds records that are already in the dataset unchanged, by their digests and without loading
 * images. If equal records occur several times, as many count as present as the dataset has equal
 * samples.
 */
final class PresentRecords {
  /** A record by split and index within the split, from 0. */
  private record Reading(int split, int number) implements Serializable {
    private static final Comparator<Reading> ORDER =
        Comparator.comparingInt(Reading::split).thenComparingInt(Reading::number);
  }

  /**
   * A record whose digest is in the dataset.
   *
   * @param copies number of equal samples in the dataset; 0 if the record itself counts as present
   */
  private record Match(Reading reading, int copies) implements Serializable {}

  private PresentRecords() {}

  /** Present records by split number. */
  static Map<Integer, HeldRecords> find(
      JavaSparkContext spark,
      List<PlannedSplit> splits,
      PublishedSamples published,
      Broadcast<SerializableConfiguration> hadoop) {
    JavaPairRDD<String, Integer> held = published.recordDigests().mapToPair(PresentRecords::one);
    List<Match> matches =
        spark
            .parallelize(splits, splits.size())
            .flatMapToPair(split -> digests(split, hadoop.value().value()).iterator())
            .cogroup(held)
            .values()
            .flatMap(group -> matches(group._1(), group._2()))
            .collect();
    Map<Integer, BitSet> present = new HashMap<>();
    Map<Integer, Map<Integer, Integer>> copies = new HashMap<>();
    for (Match match : matches) {
      int split = match.reading().split();
      present.computeIfAbsent(split, number -> new BitSet());
      copies.computeIfAbsent(split, number -> new HashMap<>());
      if (match.copies() == 0) {
        present.get(split).set(match.reading().number());
      } else {
        copies.get(split).put(match.reading().number(), match.copies());
      }
    }
    Map<Integer, HeldRecords> found = new HashMap<>();
    present.forEach(
        (split, numbers) -> found.put(split, new HeldRecords(numbers, copies.get(split))));
    return found;
  }

  private static Tuple2<String, Integer> one(String digest) {
    return new Tuple2<>(digest, 1);
  }

  private static Iterator<Match> matches(Iterable<Reading> readings, Iterable<Integer> held) {
    int numHeld = 0;
    for (int one : held) {
      numHeld += one;
    }
    if (numHeld == 0) {
      return List.<Match>of().iterator();
    }
    List<Reading> inOrder = new ArrayList<>();
    readings.forEach(inOrder::add);
    inOrder.sort(Reading.ORDER);
    List<Match> matches = new ArrayList<>();
    for (int i = 0; i < inOrder.size(); i++) {
      matches.add(new Match(inOrder.get(i), i < numHeld ? 0 : numHeld));
    }
    return matches.iterator();
  }

  private static List<Tuple2<String, Reading>> digests(
      PlannedSplit split, Configuration configuration) throws IOException {
    List<Tuple2<String, Reading>> digests = new ArrayList<>();
    String prefix = split.idPrefix();
    String fileName = new Path(split.file().path()).getName();
    int[] numRead = {0};
    TaskMemory.read(
        split,
        configuration,
        read -> {
          Reading reading = new Reading(split.number(), numRead[0]++);
          if (read instanceof Parsed parsed) {
            SourceRecord record = parsed.record();
            digests.add(new Tuple2<>(RecordIds.identify(record, prefix).digest(), reading));
            if (record.id().isEmpty()) {
              digests.add(
                  new Tuple2<>(
                      RecordIds.digestByPosition(record, prefix, fileName, read.position()),
                      reading));
            }
          }
        });
    return digests;
  }
}
