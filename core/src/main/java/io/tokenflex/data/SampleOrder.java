package io.tokenflex.data;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.random.SeededHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The order in which training sees samples: a pure function of (seed, epoch, lane).
 *
 * <p>In every epoch the row groups are permuted and laid end to end; the result is cut into {@code
 * numLanes} lanes of equal length (up to {@code numLanes - 1} samples, others in every epoch, are
 * left out). Inside a lane, rows are shuffled within windows of {@code windowRowGroups} row groups.
 * The number of ranks appears nowhere: ranks only share out the lanes. So 1, 2 or 8 ranks see the
 * same global batches, no rank runs dry before the others, and any position is found by arithmetic.
 */
public final class SampleOrder {
  private final long seed;
  private final int numLanes;
  private final int windowRowGroups;
  private final int[] rowsPerGroup;
  private final long laneLength;

  /** One row of the dataset. */
  public record Row(int rowGroup, int row) {}

  /** Consecutive rows {@code [fromRow, toRow)} of a row group, in a lane. */
  private record Slice(int rowGroup, int fromRow, int toRow) {}

  /**
   * The order over a dataset.
   *
   * @throws IllegalArgumentException if there are fewer samples than lanes
   */
  public SampleOrder(SampleSource source, long seed, int numLanes, int windowRowGroups) {
    requireNonNull(source, "source");
    if (numLanes < 1 || windowRowGroups < 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "lanes is %d and windowRowGroups is %d; both must be at least 1",
              numLanes,
              windowRowGroups));
    }
    this.seed = seed;
    this.numLanes = numLanes;
    this.windowRowGroups = windowRowGroups;
    this.rowsPerGroup = new int[source.numRowGroups()];
    long total = 0;
    for (int i = 0; i < rowsPerGroup.length; i++) {
      rowsPerGroup[i] = source.numRows(i);
      total += rowsPerGroup[i];
    }
    this.laneLength = total / numLanes;
    if (laneLength == 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "The dataset has %d samples for %d lanes; lower train.lanes or prepare more samples",
              total,
              numLanes));
    }
  }

  public int numLanes() {
    return numLanes;
  }

  /** Samples that every lane holds in one epoch. */
  public long laneLength() {
    return laneLength;
  }

  /** The windows of one lane in one epoch, each with its rows in training order. */
  public List<List<Row>> windows(long epoch, int lane) {
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
