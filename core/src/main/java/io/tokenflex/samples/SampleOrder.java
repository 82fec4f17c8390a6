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
 * The training order of samples: a pure function of (seed, epoch, lane).
 *
 * <p>In every epoch the row groups are permuted and concatenated; the result is cut into {@code
 * numLanes} lanes of equal length (up to {@code numLanes - 1} samples, different ones each epoch,
 * are dropped). Within a lane, rows are shuffled in windows of {@code windowRowGroups} row groups.
 * The order does not depend on the number of ranks, which only divide the lanes among them: 1, 2 or
 * 8 ranks see the same global batches, all ranks have equally many samples, and any position is
 * computed.
 *
 * <p>Row groups may differ in size. Memory is proportional to the number of row groups, not of
 * samples: the rows of a window are computed when it is read.
 */
public final class SampleOrder {
  private final long seed;
  private final int numLanes;
  private final int windowRowGroups;
  private final int[] rowsPerGroup;
  private final long laneLength;

  /** One row of the dataset. */
  public record Row(int rowGroup, int row) {}

  /** Rows {@code [fromRow, toRow)} of a row group that belong to a lane. */
  private record Slice(int rowGroup, int fromRow, int toRow) {}

  /**
   * Creates the order of a dataset.
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

  /** Number of samples per lane and epoch. */
  public long laneLength() {
    return laneLength;
  }

  /** The shuffle windows of one lane in one epoch; their rows are computed on demand. */
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

  /** The shuffle windows of one lane in one epoch. */
  public final class LaneWindows {
    private final long epoch;
    private final int lane;
    private final List<Slice> slices;

    /** First position of each window within the lane's epoch, followed by the lane's length. */
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

    /**
     * First position of a window within the lane's epoch; for {@code count()}, the lane's length.
     */
    public long start(int window) {
      return starts[window];
    }

    /** The window that contains a position of the lane's epoch. */
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

  /**
   * Fisher-Yates with our own generator, because {@code Collections.shuffle} may differ between
   * JDKs.
   */
  private static void shuffle(int[] values, SplittableRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
  }
}
