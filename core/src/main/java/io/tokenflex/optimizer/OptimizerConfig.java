package io.tokenflex.optimizer;

import io.tokenflex.failure.InvalidInputException;

/**
 * AdamW and its learning rate schedule.
 *
 * @param learningRate peak, reached after {@code warmupSteps}
 * @param finalLearningRateFraction learning rate at the last step, as a fraction of the peak
 * @param weightDecay decoupled; applies to matrices and embedding tables, not to norms and biases
 * @param maxGradNorm global L2 norm above which gradients are scaled down
 */
public record OptimizerConfig(
    double learningRate,
    long warmupSteps,
    double finalLearningRateFraction,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double maxGradNorm) {
  public OptimizerConfig {
    checkBeta("beta1", beta1);
    checkBeta("beta2", beta2);
    if (!(epsilon > 0)) {
      throw new InvalidInputException("epsilon is " + epsilon + "; it must be above 0");
    }
    if (!(weightDecay >= 0)) {
      throw new InvalidInputException("weightDecay is " + weightDecay + "; it must be >= 0");
    }
    if (!(maxGradNorm > 0)) {
      throw new InvalidInputException("maxGradNorm is " + maxGradNorm + "; it must be above 0");
    }
  }

  /** The schedule of a run of {@code maxSteps} steps. */
  public LearningRateSchedule schedule(long maxSteps) {
    return new LearningRateSchedule.WarmupCosine(
        learningRate, warmupSteps, maxSteps, finalLearningRateFraction);
  }

  private static void checkBeta(String key, double beta) {
    if (!(beta >= 0 && beta < 1)) {
      throw new InvalidInputException(key + " is " + beta + "; it must be in [0, 1)");
    }
  }
}
