package io.tokenflex.model;

/**
 * Shape of the vision tower, in the terms of Hugging Face's {@code SiglipVisionConfig}.
 *
 * @param imageSize pixels along one side of the square input
 * @param patchSize pixels along one side of a patch; divides {@code imageSize}
 */
public record VisionConfig(
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int imageSize,
    int patchSize,
    double layerNormEps) {

  /** RGB. */
  public static final int NUM_CHANNELS = 3;

  public VisionConfig {
    Checks.positive("vision.hiddenSize", hiddenSize);
    Checks.positive("vision.intermediateSize", intermediateSize);
    Checks.positive("vision.numHiddenLayers", numHiddenLayers);
    Checks.positive("vision.numAttentionHeads", numAttentionHeads);
    Checks.positive("vision.imageSize", imageSize);
    Checks.positive("vision.patchSize", patchSize);
    Checks.divides("vision.numAttentionHeads", numAttentionHeads, "vision.hiddenSize", hiddenSize);
    Checks.divides("vision.patchSize", patchSize, "vision.imageSize", imageSize);
  }

  /** Patches along one side of the feature grid. */
  public int gridSide() {
    return imageSize / patchSize;
  }

  /** Patches per image. */
  public int numPatches() {
    return gridSide() * gridSide();
  }
}
