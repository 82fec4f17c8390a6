package io.tokenflex.bench;

import io.tokenflex.batches.MicroBatch;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.VisionConfig;

/**
 * Floating-point operations of the matrix products of one training step, two for each multiply and
 * add; the backward pass counts twice the forward pass. What is recomputed does not count, and
 * causal attention counts the half that it needs.
 */
final class ModelFlops {
  private static final int TRAINING_PER_FORWARD = 3;

  private ModelFlops() {}

  /** Of one step over {@code batch}. */
  static double ofStep(ModelConfig model, MicroBatch batch) {
    int visionTokens = batch.visionTokens().numVisionTokens();
    double forward =
        batch.numImages() * (tower(model.vision()) + projector(model, visionTokens))
            + batch.batchSize() * decoder(model.language(), batch.sequenceLength())
            + 2.0
                * batch.numValidTokens()
                * model.language().hiddenSize()
                * model.language().vocabSize();
    return TRAINING_PER_FORWARD * forward;
  }

  private static double tower(VisionConfig vision) {
    double p = vision.numPatches();
    double d = vision.hiddenSize();
    double patch = VisionConfig.NUM_CHANNELS * (double) vision.patchSize() * vision.patchSize();
    double layer = 2 * p * (4 * d * d + 2 * d * vision.intermediateSize()) + 4 * p * p * d;
    return 2 * p * patch * d + vision.numBuiltLayers() * layer;
  }

  private static double projector(ModelConfig model, int visionTokens) {
    double inner = model.projector().intermediateSize();
    return 2
        * visionTokens
        * inner
        * (2.0 * model.vision().hiddenSize() + model.language().hiddenSize());
  }

  private static double decoder(LanguageConfig language, int length) {
    double t = length;
    double d = language.hiddenSize();
    double q = (double) language.numAttentionHeads() * language.headDim();
    double kv = (double) language.numKeyValueHeads() * language.headDim();
    double weights = d * (q + 2 * kv) + q * d + 3 * d * language.intermediateSize();
    return language.numHiddenLayers() * (2 * t * weights + 2 * t * t * q);
  }
}
