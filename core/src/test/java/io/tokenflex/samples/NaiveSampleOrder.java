package io.tokenflex.samples;

import io.tokenflex.random.SeededHash;
import io.tokenflex.samples.SampleOrder.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The order written down for every sample at once. It judges {@link SampleOrder}: checkpoints of
 * runs that were trained in this order are resumed in it.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record NaiveSampleOrder(int[] rowsPerGroup, long seed, int numLanes, int windowRowGroups) {
  /** Consecutive rows {@code [fromRow, toRow)} of a row group, in a lane. */
  private record Slice(int rowGroup, int fromRow, int toRow) {}

  /** The windows of one lane in one epoch, each with its rows in training order. */
  List<List<Row>> windows(long epoch, int lane) {
    List<Slice> slices = slices(epoch, lane);
    List<List<Row>> windows = new ArrayList<>();
    for (int from = 0; from < slices.size(); from += windowRowGroups) {
      List<Slice> window = slices.subList(from, Math.min(slices.size(), from + windowRowGroups));
      List<Row> rows = new ArrayList<>();
      for (Slice slice : window) {
        for (int row = slice.fromRow(); row < slice.toRow(); row++) {
          rows.add(new Row(slice.rowGroup(), row));
        }
      }
      shuffle(rows, SeededHash.of(seed, "window").with(epoch).with(lane).with(from).toRandom());
      windows.add(rows);
    }
    return windows;
  }

  private List<Slice> slices(long epoch, int lane) {
    List<Integer> groups = new ArrayList<>();
    for (int i = 0; i < rowsPerGroup.length; i++) {
      groups.add(i);
    }
    shuffle(groups, SeededHash.of(seed, "row-groups").with(epoch).toRandom());
    long total = 0;
    for (int rows : rowsPerGroup) {
      total += rows;
    }
    long laneLength = total / numLanes;
    long laneFrom = lane * laneLength;
    long laneTo = laneFrom + laneLength;
    List<Slice> slices = new ArrayList<>();
    long groupFrom = 0;
    for (int group : groups) {
      long groupTo = groupFrom + rowsPerGroup[group];
      long from = Math.max(laneFrom, groupFrom);
      long to = Math.min(laneTo, groupTo);
      if (from < to) {
        slices.add(new Slice(group, (int) (from - groupFrom), (int) (to - groupFrom)));
      }
      groupFrom = groupTo;
    }
    return slices;
  }

  /** Fisher-Yates with our own generator: {@code Collections.shuffle} may change between JDKs. */
  private static <T> void shuffle(List<T> list, SplittableRandom random) {
    for (int i = list.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      T swapped = list.get(i);
      list.set(i, list.get(j));
      list.set(j, swapped);
    }
  }
}
