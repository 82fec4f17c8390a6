package io.tokenflex.adaptive;

import io.tokenflex.generate.Answer.Confidence;

/** Which number of an answer's confidence decides. */
public enum ConfidenceMeasure {
  /** Of the tokens' log-probabilities the mean. */
  MEAN_LOG_PROBABILITY,
  /** Of the tokens' log-probabilities the smallest. */
  MIN_LOG_PROBABILITY,
  /** Probability of the likeliest first token less that of the second. */
  FIRST_TOKEN_MARGIN;

  /** The number; the higher, the surer. */
  public double of(Confidence confidence) {
    return switch (this) {
      case MEAN_LOG_PROBABILITY -> confidence.meanLogProbability();
      case MIN_LOG_PROBABILITY -> confidence.minLogProbability();
      case FIRST_TOKEN_MARGIN -> confidence.firstTokenMargin();
    };
  }
}
