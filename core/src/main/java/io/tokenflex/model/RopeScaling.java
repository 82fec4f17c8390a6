package io.tokenflex.model;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;

/**
 * Scaling of rotary position embeddings for sequences longer than a model was first trained on
 * (transformers, modeling_rope_utils.py).
 */
public sealed interface RopeScaling {

  /**
   * Angle per position for each pair of columns, in radians; shape (H/2), fp32.
   *
   * @param theta base of the unscaled frequencies {@code theta^(-2i/H)}
   * @param headDim H
   * @param sequenceLength T, padding included
   */
  float[] inverseFrequencies(double theta, int headDim, int sequenceLength);

  /** Maximum sequence length up to which the frequencies do not depend on the sequence length. */
  default int fixedUpTo() {
    return Integer.MAX_VALUE;
  }

  /** No scaling. */
  record None() implements RopeScaling {
    @Override
    public float[] inverseFrequencies(double theta, int headDim, int sequenceLength) {
      float[] frequencies = new float[headDim / 2];
      for (int i = 0; i < frequencies.length; i++) {
        // In fp32, as in transformers, so that large positions agree.
        frequencies[i] = (float) (1.0 / Math.pow(theta, 2.0 * i / headDim));
      }
      return frequencies;
    }
  }

  /** Position interpolation (arXiv 2306.15595): all frequencies divided by {@code factor}. */
  record Linear(double factor) implements RopeScaling {
    public Linear {
      checkFactor(factor);
    }

    @Override
    public float[] inverseFrequencies(double theta, int headDim, int sequenceLength) {
      float[] frequencies = new None().inverseFrequencies(theta, headDim, sequenceLength);
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] /= (float) factor;
      }
      return frequencies;
    }
  }

  /**
   * Dynamic NTK: beyond the original length L, the base grows with the sequence length T: {@code
   * theta * (factor * T / L - (factor - 1))^(H / (H - 2))}.
   *
   * <p>T includes padding, so results depend on the batch. During generation, a new token uses the
   * frequencies for the current length of the batch's longest sequence, while cached keys keep
   * theirs. transformers does the same, but also remembers the maximum length of earlier passes.
   */
  record Dynamic(double factor, int originalMaxPositionEmbeddings) implements RopeScaling {
    public Dynamic {
      checkFactor(factor);
      Expect.atLeastOne("ropeScaling.originalMaxPositionEmbeddings", originalMaxPositionEmbeddings);
    }

    @Override
    public float[] inverseFrequencies(double theta, int headDim, int sequenceLength) {
      double length = Math.max(sequenceLength, originalMaxPositionEmbeddings);
      double growth = factor * length / originalMaxPositionEmbeddings - (factor - 1);
      double base = theta * Math.pow(growth, headDim / (headDim - 2.0));
      return new None().inverseFrequencies(base, headDim, sequenceLength);
    }

    @Override
    public int fixedUpTo() {
      return originalMaxPositionEmbeddings;
    }

    /** Original length times the factor. */
    public int extendedMaxPositionEmbeddings() {
      return (int) (factor * originalMaxPositionEmbeddings);
    }
  }

  /**
   * Llama 3.1: frequencies with wavelengths above {@code L / lowFreqFactor} are divided by {@code
   * factor}, those with wavelengths below {@code L / highFreqFactor} are kept, those between are
   * interpolated; L is the original length.
   */
  record Llama3(
      double factor, double lowFreqFactor, double highFreqFactor, int originalMaxPositionEmbeddings)
      implements RopeScaling {
    public Llama3 {
      checkFactor(factor);
      Expect.atLeastOne("ropeScaling.originalMaxPositionEmbeddings", originalMaxPositionEmbeddings);
      if (!(lowFreqFactor > 0 && lowFreqFactor < highFreqFactor)) {
        throw new InvalidInputException(
            "ropeScaling.lowFreqFactor is %s and highFreqFactor is %s; the first must be above 0 and"
                    .formatted(lowFreqFactor, highFreqFactor)
                + " below the second");
      }
    }

    @Override
    public float[] inverseFrequencies(double theta, int headDim, int sequenceLength) {
      float[] frequencies = new None().inverseFrequencies(theta, headDim, sequenceLength);
      for (int i = 0; i < frequencies.length; i++) {
        double turns = originalMaxPositionEmbeddings * frequencies[i] / (2 * Math.PI);
        double kept = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
        kept = Math.max(0, Math.min(1, kept));
        frequencies[i] = (float) ((1 - kept) * frequencies[i] / factor + kept * frequencies[i]);
      }
      return frequencies;
    }
  }

  private static void checkFactor(double factor) {
    if (!(factor >= 1) || Double.isInfinite(factor)) {
      throw new InvalidInputException(
          "ropeScaling.factor is " + factor + "; it must be at least 1");
    }
  }
}
