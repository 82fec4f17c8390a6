package io.tokenflex.train;

import java.time.Instant;

/**
 * What one optimizer step did, over all ranks; one line of {@code metrics.jsonl}.
 *
 * @param step counted from 1: the number of updates so far
 * @param epoch passes over the data so far, with fraction
 * @param loss mean cross entropy per supervised token, in nats; 0 where there is no such token
 * @param gradNorm global L2 norm before clipping
 * @param numValidTokens supervised tokens
 * @param samples that the step trained on
 * @param skippedSamples that the step drew but could not train on
 * @param dataWaitSeconds of {@code stepSeconds}, waiting for batches
 */
public record StepMetrics(
    long step,
    double epoch,
    int numVisionTokens,
    double loss,
    double learningRate,
    double gradNorm,
    long numValidTokens,
    int samples,
    int skippedSamples,
    double stepSeconds,
    double dataWaitSeconds,
    Instant time) {

  public double samplesPerSecond() {
    return samples / stepSeconds;
  }
}
