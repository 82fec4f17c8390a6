package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/** Validates the sides of a tile. */
final class TileSize {
  private static final int MAX = 16384;

  private TileSize() {}

  static void check(String name, int size) {
    if (size < 1 || size > MAX) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s is %d; expected 1 to %d", name, size, MAX));
    }
  }
}
