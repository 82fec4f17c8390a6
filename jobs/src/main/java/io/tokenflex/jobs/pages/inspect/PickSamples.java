package io.tokenflex.jobs.pages.inspect;

import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.random.SeededHash;
import io.tokenflex.samples.Sample;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** Reads picked samples of one row group and makes them small. */
record PickSamples(String folder, int version, Broadcast<SerializableConfiguration> hadoop)
    implements FlatMapFunction<PickSamples.Picks, SampleCard> {

  /**
   * Picked rows of a row group.
   *
   * @param firstRow of the row group in the dataset
   * @param rows in the row group
   */
  record Picks(int rowGroup, long firstRow, List<Integer> rows) implements Serializable {}

  /** Picks rows spread evenly: one, chosen by the seed, from each of equal parts. */
  static List<Picks> choose(ParquetSampleSource source, long seed, int wanted) {
    long numRows = source.manifest().rows();
    int number = (int) Math.min(wanted, numRows);
    List<Picks> picks = new ArrayList<>();
    int next = 0;
    long firstRow = 0;
    for (int group = 0; group < source.numRowGroups() && next < number; group++) {
      List<Integer> rows = new ArrayList<>();
      long end = firstRow + source.numRows(group);
      for (; next < number && row(seed, next, number, numRows) < end; next++) {
        rows.add((int) (row(seed, next, number, numRows) - firstRow));
      }
      if (!rows.isEmpty()) {
        picks.add(new Picks(group, firstRow, rows));
      }
      firstRow = end;
    }
    return picks;
  }

  private static long row(long seed, int part, int numParts, long numRows) {
    long from = part * numRows / numParts;
    long to = (part + 1) * numRows / numParts;
    double within = SeededHash.of(seed, "inspect").with(part).toUnitInterval();
    return from + (long) (within * (to - from));
  }

  @Override
  public Iterator<SampleCard> call(Picks picks) {
    List<SampleCard> cards = new ArrayList<>();
    try (ParquetSampleSource source =
        ParquetSampleSource.open(folder, Optional.of(version), hadoop.value().value())) {
      List<Sample> samples = source.readRowGroup(picks.rowGroup());
      for (int row : picks.rows()) {
        cards.add(SampleCard.of(picks.firstRow() + row, samples.get(row)));
      }
    } catch (IOException e) {
      cards.add(SampleCard.broken(picks.firstRow(), String.valueOf(e.getMessage())));
    }
    return cards.iterator();
  }
}
