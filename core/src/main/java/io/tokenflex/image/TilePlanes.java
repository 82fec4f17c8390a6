package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;
import java.util.Arrays;
import java.util.Locale;

/** Writes resampled rows as levels, 0 to 255, into the colour planes of tiles. */
final class TilePlanes {
  private static final int CHANNELS = LevelNormalization.CHANNELS;

  private final int height;
  private final int width;
  private final byte[] levels_TCYX;
  private final int offset;

  /**
   * Creates a writer.
   *
   * @param levels_TCYX receives the tiles, starting at {@code offset}
   */
  @SuppressWarnings("MemberName")
  TilePlanes(ImageTransform transform, int numTiles, byte[] levels_TCYX, int offset) {
    long needed = (long) numTiles * transform.numTileValues();
    if (offset < 0 || levels_TCYX.length - offset < needed) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "An array of %d bytes has no room for %d at %d",
              levels_TCYX.length,
              needed,
              offset));
    }
    this.height = transform.height();
    this.width = transform.width();
    this.levels_TCYX = levels_TCYX;
    this.offset = offset;
  }

  /**
   * Writes part of a row.
   *
   * @param tile index of the tile, row-major
   * @param y row within the tile
   * @param x first column within the tile
   * @param row_CX levels, planar
   * @param from first column of {@code row_CX} to write
   * @param count number of columns
   */
  @SuppressWarnings("MemberName")
  void put(int tile, int y, int x, int[] row_CX, int from, int count) {
    int rowWidth = row_CX.length / CHANNELS;
    for (int channel = 0; channel < CHANNELS; channel++) {
      int at = offset + ((tile * CHANNELS + channel) * height + y) * width + x;
      int level = channel * rowWidth + from;
      for (int i = 0; i < count; i++) {
        levels_TCYX[at + i] = (byte) row_CX[level + i];
      }
    }
  }

  /** Fills a tile with black. */
  void blacken(int tile) {
    int values = CHANNELS * height * width;
    int at = offset + tile * values;
    Arrays.fill(levels_TCYX, at, at + values, (byte) 0);
  }
}
