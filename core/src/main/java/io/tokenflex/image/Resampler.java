package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/**
 * Antialiased resampling, bit-equal to Pillow's {@code resize}: the filter widens with the
 * reduction factor, weights are fixed-point numbers with 22 fraction bits, and the intermediate
 * result of the first axis is rounded to eight bits.
 *
 * <p>The reference is Pillow 13. Earlier versions always resample the width first and differ by a
 * few levels in sharp details of tall images.
 */
public final class Resampler {
  private static final int PRECISION_BITS = ResampleWindows.PRECISION_BITS;
  private static final int HALF = 1 << (PRECISION_BITS - 1);

  private Resampler() {}

  /** Receives the resampled rows from top to bottom. */
  @FunctionalInterface
  interface RowSink {
    /**
     * Receives row {@code y}.
     *
     * @param row_CX levels 0 to 255, planar (all red, then green, then blue); only valid during the
     *     call
     */
    @SuppressWarnings("MemberName")
    void accept(int y, int[] row_CX);
  }

  /**
   * Part of the resampled image to compute. The sink's row 0 is row {@code top} of the image, its
   * column 0 is column {@code left}.
   */
  record Region(int left, int top, int width, int height) {}

  /** Resamples to any size; the aspect ratio is not kept. */
  public static RgbImage resample(RgbImage source, int width, int height, ResampleFilter filter) {
    if (width < 1 || height < 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Cannot resample to %dx%d; both sides must be at least 1",
              width,
              height));
    }
    ImageRows rows = new ImageRows(width, height);
    resample(source, width, height, new Region(0, 0, width, height), filter, rows);
    return rows.image();
  }

  /**
   * Resamples to {@code width} x {@code height} and passes the rows of {@code region} to the sink.
   */
  static void resample(
      RgbImage source, int width, int height, Region region, ResampleFilter filter, RowSink sink) {
    ResampleWindows columns =
        ResampleWindows.of(filter, source.width(), width, region.left(), region.width());
    ResampleWindows rows =
        ResampleWindows.of(filter, source.height(), height, region.top(), region.height());
    if (isHeightFirst(source, width, height)) {
      ImageRows lower = new ImageRows(source.width(), rows.count());
      widthFirst(source, ResampleWindows.copy(0, source.width()), rows, lower);
      widthFirst(lower.image(), columns, ResampleWindows.copy(0, rows.count()), sink);
    } else {
      widthFirst(source, columns, rows, sink);
    }
  }

  /** Pillow's rule: height first if it shrinks by more than twice as many pixels as the width. */
  private static boolean isHeightFirst(RgbImage source, int width, int height) {
    return source.width() != width
        && source.height() - height > 2 * Math.max(0, source.width() - width);
  }

  private static void widthFirst(
      RgbImage source, ResampleWindows columns, ResampleWindows rows, RowSink sink) {
    ColumnBlock block = new ColumnBlock(source, columns);
    // Ring buffer of horizontally resampled source rows: those of one window and the newest block.
    int[][] ring_CX = new int[rows.longest() + ColumnBlock.ROWS][3 * columns.count()];
    int[] sum_CX = new int[3 * columns.count()];
    int y = 0;
    for (int firstRow = rows.first()[0]; y < rows.count(); firstRow += ColumnBlock.ROWS) {
      block.resample(firstRow, ring_CX);
      int available = Math.min(firstRow + ColumnBlock.ROWS, source.height());
      for (; y < rows.count() && rows.first()[y] + rows.length()[y] <= available; y++) {
        int from = rows.first()[y];
        int weight = y * rows.stride();
        for (int t = 0; t < rows.length()[y]; t += 2) {
          int[] row = ring_CX[(from + t) % ring_CX.length];
          // For odd windows the second weight of the last pair is 0, so any row can be used.
          int[] next = ring_CX[(from + t + 1) % ring_CX.length];
          addPair(
              t == 0,
              row,
              rows.weights()[weight + t],
              next,
              rows.weights()[weight + t + 1],
              sum_CX);
        }
        toLevels(sum_CX);
        sink.accept(y, sum_CX);
      }
    }
  }

  /** Collects rows into an image. */
  private static final class ImageRows implements RowSink {
    private final int width;
    private final int height;
    private final byte[] rgb_YXC;

    ImageRows(int width, int height) {
      this.width = width;
      this.height = height;
      this.rgb_YXC = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    }

    @Override
    @SuppressWarnings("MemberName")
    public void accept(int y, int[] row_CX) {
      int to = 3 * y * width;
      for (int x = 0; x < width; x++) {
        rgb_YXC[to + 3 * x] = (byte) row_CX[x];
        rgb_YXC[to + 3 * x + 1] = (byte) row_CX[width + x];
        rgb_YXC[to + 3 * x + 2] = (byte) row_CX[2 * width + x];
      }
    }

    RgbImage image() {
      return new RgbImage(width, height, rgb_YXC);
    }
  }

  private static void addPair(
      boolean isFirst, int[] a, int weightA, int[] b, int weightB, int[] sums) {
    if (isFirst) {
      startPair(a, weightA, b, weightB, sums);
    } else {
      continuePair(a, weightA, b, weightB, sums);
    }
  }

  // Auto-vectorized by the JIT compiler because all arrays use the same index.

  private static void startPair(int[] a, int weightA, int[] b, int weightB, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] = HALF + weightA * a[i] + weightB * b[i];
    }
  }

  private static void continuePair(int[] a, int weightA, int[] b, int weightB, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += weightA * a[i] + weightB * b[i];
    }
  }

  /**
   * Drops the fraction and clips to 0..255, with bit masks because min and max are not vectorized.
   */
  private static void toLevels(int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      int level = sums[i] >> PRECISION_BITS;
      level &= ~(level >> 31);
      int below = 255 - level;
      below &= ~(below >> 31);
      sums[i] = 255 - below;
    }
  }

  /**
   * Resamples the columns of a block of source rows. Rows are transposed first: a target column is
   * then a weighted sum of whole source columns, which vectorizes like the row pass and is over ten
   * times as fast as summing per pixel.
   */
  private static final class ColumnBlock {
    /** A multiple of {@link #STEP}; both transposed blocks fit into the L2 cache. */
    static final int ROWS = 48;

    /** Rows transposed together, so that each cache line is written completely. */
    private static final int STEP = 8;

    private final RgbImage source;
    private final ResampleWindows columns;
    private final int width;
    private final int[][] source_XCY;
    private final int[][] target_XCY;
    private final int[] unused_CX;

    ColumnBlock(RgbImage source, ResampleWindows columns) {
      this.source = source;
      this.columns = columns;
      this.width = columns.count();
      // One spare column, because odd windows are summed in pairs.
      this.source_XCY = new int[source.width() + 1][3 * ROWS];
      this.target_XCY = new int[width][3 * ROWS];
      this.unused_CX = new int[3 * width];
    }

    /** Resamples rows, starting at {@code firstRow}, into their slots of the ring buffer. */
    void resample(int firstRow, int[][] ring_CX) {
      if (columns.isCopy()) {
        copy(firstRow, ring_CX);
        return;
      }
      for (int row = 0; row < ROWS; row += STEP) {
        turn(firstRow, row);
      }
      for (int x = 0; x < width; x++) {
        int from = columns.first()[x];
        int weight = x * columns.stride();
        for (int t = 0; t < columns.length()[x]; t += 2) {
          addPair(
              t == 0,
              source_XCY[from + t],
              columns.weights()[weight + t],
              source_XCY[from + t + 1],
              columns.weights()[weight + t + 1],
              target_XCY[x]);
        }
        toLevels(target_XCY[x]);
      }
      for (int row = 0; row < ROWS; row += STEP) {
        turnBack(firstRow, row, ring_CX);
      }
    }

    private void copy(int firstRow, int[][] ring_CX) {
      byte[] rgb = source.rgb_YXC();
      for (int row = firstRow; row < Math.min(firstRow + ROWS, source.height()); row++) {
        int[] to_CX = target(row, ring_CX);
        int from = offset(row) + 3 * columns.first()[0];
        for (int x = 0; x < width; x++) {
          to_CX[x] = rgb[from + 3 * x] & 255;
          to_CX[width + x] = rgb[from + 3 * x + 1] & 255;
          to_CX[2 * width + x] = rgb[from + 3 * x + 2] & 255;
        }
      }
    }

    private void turn(int firstRow, int row) {
      byte[] rgb = source.rgb_YXC();
      int a = offset(firstRow + row);
      int b = offset(firstRow + row + 1);
      int c = offset(firstRow + row + 2);
      int d = offset(firstRow + row + 3);
      int e = offset(firstRow + row + 4);
      int f = offset(firstRow + row + 5);
      int g = offset(firstRow + row + 6);
      int h = offset(firstRow + row + 7);
      for (int x = 0; x < source.width(); x++) {
        int[] column = source_XCY[x];
        for (int channel = 0; channel < 3; channel++) {
          int at = channel * ROWS + row;
          int i = 3 * x + channel;
          column[at] = rgb[a + i] & 255;
          column[at + 1] = rgb[b + i] & 255;
          column[at + 2] = rgb[c + i] & 255;
          column[at + 3] = rgb[d + i] & 255;
          column[at + 4] = rgb[e + i] & 255;
          column[at + 5] = rgb[f + i] & 255;
          column[at + 6] = rgb[g + i] & 255;
          column[at + 7] = rgb[h + i] & 255;
        }
      }
    }

    /** Offset of a row; rows beyond the last repeat the last one, their results are unused. */
    private int offset(int row) {
      return 3 * source.width() * Math.min(row, source.height() - 1);
    }

    private void turnBack(int firstRow, int row, int[][] ring_CX) {
      int[] a = target(firstRow + row, ring_CX);
      int[] b = target(firstRow + row + 1, ring_CX);
      int[] c = target(firstRow + row + 2, ring_CX);
      int[] d = target(firstRow + row + 3, ring_CX);
      int[] e = target(firstRow + row + 4, ring_CX);
      int[] f = target(firstRow + row + 5, ring_CX);
      int[] g = target(firstRow + row + 6, ring_CX);
      int[] h = target(firstRow + row + 7, ring_CX);
      for (int x = 0; x < width; x++) {
        int[] column = target_XCY[x];
        for (int channel = 0; channel < 3; channel++) {
          int at = channel * ROWS + row;
          int i = channel * width + x;
          a[i] = column[at];
          b[i] = column[at + 1];
          c[i] = column[at + 2];
          d[i] = column[at + 3];
          e[i] = column[at + 4];
          f[i] = column[at + 5];
          g[i] = column[at + 6];
          h[i] = column[at + 7];
        }
      }
    }

    private int[] target(int row, int[][] ring_CX) {
      return row < source.height() ? ring_CX[row % ring_CX.length] : unused_CX;
    }
  }
}
