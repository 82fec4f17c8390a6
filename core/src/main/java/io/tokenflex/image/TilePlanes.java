package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;
import java.util.Arrays;
import java.util.Locale;

/** Writes resampled rows as normalized values into the colour planes of tiles. */
final class TilePlanes {
  private static final int CHANNELS = LevelNormalization.CHANNELS;

  private final float[][] tables;
  private final int height;
  private final int width;
  private final float[] values_TCYX;
  private final int offset;

  /**
   * Creates a writer.
   *
   * @param values_TCYX receives the tiles, starting at {@code offset}
   */
  @SuppressWarnings("MemberName")
  TilePlanes(ImageTransform transform, int numTiles, float[] values_TCYX, int offset) {
    long needed = (long) numTiles * transform.numTileValues();
    if (offset < 0 || values_TCYX.length - offset < needed) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "An array of %d floats has no room for %d at %d",
              values_TCYX.length,
              needed,
              offset));
    }
    this.tables = transform.normalization().tables();
    this.height = transform.height();
    this.width = transform.width();
    this.values_TCYX = values_TCYX;
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
      float[] table = tables[channel];
      int at = offset + ((tile * CHANNELS + channel) * height + y) * width + x;
      int level = channel * rowWidth + from;
      for (int i = 0; i < count; i++) {
        values_TCYX[at + i] = table[row_CX[level + i]];
      }
    }
  }

  /** Fills a tile with black: normalized level 0. */
  void blacken(int tile) {
    int plane = height * width;
    for (int channel = 0; channel < CHANNELS; channel++) {
      int at = offset + (tile * CHANNELS + channel) * plane;
      Arrays.fill(values_TCYX, at, at + plane, tables[channel][0]);
    }
  }
}
