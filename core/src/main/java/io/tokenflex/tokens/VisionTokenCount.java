package io.tokenflex.tokens;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/**
 * Number of vision tokens per image; a square, because the projector pools to a side x side grid.
 *
 * @param side side of the pooled grid, in tokens
 */
public record VisionTokenCount(int side) {
  public VisionTokenCount {
    Expect.atLeastOne("side", side);
  }

  /**
   * The count of {@code numVisionTokens} tokens.
   *
   * @throws IllegalArgumentException if the number is not a square; the message names the nearest
   *     squares
   */
  public static VisionTokenCount of(int numVisionTokens) {
    int side = (int) Math.round(Math.sqrt(Math.max(0, numVisionTokens)));
    if (side < 1 || side * side != numVisionTokens) {
      int below = Math.max(1, (int) Math.floor(Math.sqrt(Math.max(1, numVisionTokens))));
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d vision tokens do not form a square grid; take %d or %d",
              numVisionTokens,
              below * below,
              (below + 1) * (below + 1)));
    }
    return new VisionTokenCount(side);
  }

  /** Tokens per image: side * side. */
  public int numVisionTokens() {
    return side * side;
  }

  @Override
  public String toString() {
    return Integer.toString(numVisionTokens());
  }
}
