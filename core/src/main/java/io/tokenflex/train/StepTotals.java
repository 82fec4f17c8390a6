package io.tokenflex.train;

import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.failure.InvalidInputException;
import java.util.Arrays;
import java.util.Locale;

/**
 * What is summed over all ranks besides the gradients, as the floats that are reduced.
 *
 * <p>The step's number travels with it, in digits that fp32 sums exactly: ranks that are not at the
 * same step stop instead of adding gradients of different ones.
 */
record StepTotals(long step, float loss, float validTokens, float samples) {
  /** How many floats. */
  static final int SIZE = 6;

  /** fp32 counts exactly up to here. */
  private static final float MAX_EXACT_COUNT = 1 << 24;

  /** Sums of up to as many ranks stay below 2^24, where fp32 counts exactly. */
  private static final int BASE = 4096;

  private static final int LOW = 0;

  /**
   * A sum's rounding depends on the part of the ring's buffer that it lies in; here it is the one
   * in which it lay before steps travelled too, so losses keep their last bit.
   */
  static final int LOSS = 1;

  static final int VALID_TOKENS = 2;
  private static final int SAMPLES = 3;
  private static final int MIDDLE = 4;
  private static final int HIGH = 5;

  /** A rank's share but for the loss, which is filled in where it is computed. */
  static float[] counts(long step, float validTokens, float samples) {
    float[] values = digits(step);
    values[VALID_TOKENS] = validTokens;
    values[SAMPLES] = samples;
    return values;
  }

  private static float[] digits(long step) {
    float[] values = new float[SIZE];
    values[LOW] = step % BASE;
    values[MIDDLE] = step / BASE % BASE;
    values[HIGH] = step / BASE / BASE % BASE;
    return values;
  }

  /**
   * The sums over all ranks.
   *
   * @param sums at least {@link #SIZE} floats, which begin with what was reduced
   * @param step at which this rank is
   * @throws CollectiveException if another rank is at another one
   * @throws IllegalArgumentException if there are more supervised tokens than fp32 counts exactly
   */
  static StepTotals ofSums(float[] sums, long step, int worldSize) {
    float[] mine = digits(step);
    float[] theirs = new float[SIZE];
    for (int digit : new int[] {LOW, MIDDLE, HIGH}) {
      mine[digit] *= worldSize;
      theirs[digit] = sums[digit];
    }
    if (!Arrays.equals(mine, theirs)) {
      double sum = theirs[LOW] + (double) BASE * (theirs[MIDDLE] + (double) BASE * theirs[HIGH]);
      throw new CollectiveException(
          String.format(
              Locale.ROOT,
              "The ranks train different steps: this one step %d, all %d in the mean step %.1f; restart all"
                  + " ranks from the last checkpoint",
              step,
              worldSize,
              sum / worldSize),
          null);
    }
    if (sums[VALID_TOKENS] >= MAX_EXACT_COUNT) {
      throw new InvalidInputException(
          String.format(
                  Locale.ROOT,
                  "Step %d has %.0f supervised tokens, more than fp32 counts exactly (%.0f); lower",
                  step + 1,
                  sums[VALID_TOKENS],
                  MAX_EXACT_COUNT)
              + " train.globalBatchSize");
    }
    return new StepTotals(step, sums[LOSS], sums[VALID_TOKENS], sums[SAMPLES]);
  }
}
