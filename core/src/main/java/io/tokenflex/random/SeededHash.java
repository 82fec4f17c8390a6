package io.tokenflex.random;

import java.util.SplittableRandom;

/**
 * Counter-based randomness: a pure function of its inputs, equal on every rank and JVM.
 *
 * <p>Mixes with the finalizer of SplitMix64 (Steele, Lea and Flood 2014).
 */
public record SeededHash(long value) {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  /**
   * Starts from a seed and the name of the draw, so that draws of different names are independent.
   */
  public static SeededHash of(long seed, String purpose) {
    SeededHash hash = new SeededHash(mix(seed + GOLDEN_GAMMA));
    for (int i = 0; i < purpose.length(); i++) {
      hash = hash.with(purpose.charAt(i));
    }
    return hash;
  }

  /** Mixes in one more number. */
  public SeededHash with(long number) {
    return new SeededHash(mix(mix(number + GOLDEN_GAMMA) ^ (value + GOLDEN_GAMMA)));
  }

  /** A uniform value in [0, 1) with 53 random bits. */
  public double toUnitInterval() {
    return (value >>> 11) * 0x1.0p-53;
  }

  /** A generator seeded with this hash. */
  public SplittableRandom toRandom() {
    return new SplittableRandom(value);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
