package io.tokenflex.samples;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.random.SeededHash;
import java.util.ArrayList;
import java.util.Arrays;
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
 *
 * <p>Row groups may hold any numbers of rows. What is kept grows with the number of row groups, not
 * of samples: the rows of a window are worked out when the window is read.
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

  /**
   * One lane's part of an epoch, cut into the windows that are shuffled; no row is laid out yet.
   */
  public LaneWindows windows(long epoch, int lane) {
    int[] groups = new int[rowsPerGroup.length];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = i;
    }
    shuffle(groups, SeededHash.of(seed, "row-groups").with(epoch).toRandom());
    long laneFrom = lane * laneLength;
    long laneTo = laneFrom + laneLength;
    List<Slice> slices = new ArrayList<>();
    long groupFrom = 0;
    for (int i = 0; i < groups.length && groupFrom < laneTo; i++) {
      long groupTo = groupFrom + rowsPerGroup[groups[i]];
      long from = Math.max(laneFrom, groupFrom);
      long to = Math.min(laneTo, groupTo);
      if (from < to) {
        slices.add(new Slice(groups[i], (int) (from - groupFrom), (int) (to - groupFrom)));
      }
      groupFrom = groupTo;
    }
    return new LaneWindows(epoch, lane, slices);
  }

  /** The windows of one lane in one epoch. The rows of a window are laid out when asked for. */
  public final class LaneWindows {
    private final long epoch;
    private final int lane;
    private final List<Slice> slices;

    /** Place in the lane's epoch of the first row of every window, and the lane's length. */
    private final long[] starts;

    private LaneWindows(long epoch, int lane, List<Slice> slices) {
      this.epoch = epoch;
      this.lane = lane;
      this.slices = slices;
      this.starts = new long[(slices.size() + windowRowGroups - 1) / windowRowGroups + 1];
      long rows = 0;
      for (int i = 0; i < slices.size(); i++) {
        if (i % windowRowGroups == 0) {
          starts[i / windowRowGroups] = rows;
        }
        rows += slices.get(i).toRow() - slices.get(i).fromRow();
      }
      starts[starts.length - 1] = rows;
    }

    /** Number of windows. */
    public int count() {
      return starts.length - 1;
    }

    /** Where a window begins in the lane's epoch; that of {@code count()} is the lane's length. */
    public long start(int window) {
      return starts[window];
    }

    /** The window that holds a place of the lane's epoch. */
    public int windowAt(long place) {
      int found = Arrays.binarySearch(starts, place);
      return found >= 0 ? found : -found - 2;
    }

    /** The rows of a window in training order. */
    public List<Row> rows(int window) {
      int from = window * windowRowGroups;
      List<Slice> held = slices.subList(from, Math.min(slices.size(), from + windowRowGroups));
      int[] order = new int[Math.toIntExact(starts[window + 1] - starts[window])];
      Row[] rows = new Row[order.length];
      int number = 0;
      for (Slice slice : held) {
        for (int row = slice.fromRow(); row < slice.toRow(); row++) {
          order[number] = number;
          rows[number++] = new Row(slice.rowGroup(), row);
        }
      }
      shuffle(order, SeededHash.of(seed, "window").with(epoch).with(lane).with(from).toRandom());
      List<Row> shuffled = new ArrayList<>(order.length);
      for (int i : order) {
        shuffled.add(rows[i]);
      }
      return shuffled;
    }
  }

  /** Fisher-Yates with our own generator: {@code Collections.shuffle} may change between JDKs. */
  private static void shuffle(int[] values, SplittableRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
  }
}
