package io.tokenflex.model;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/**
 * Shape of the vision tower, in the terms of Hugging Face's vision configs.
 *
 * <p>Features are P patches of {@code hiddenSize}; a class token is dropped from them, as LLaVA and
 * InternVL do. Which features those are, {@code featureLayer} says, counted as transformers counts
 * {@code vision_feature_layer}: an index into the L + 1 hidden states of a tower of L layers, of
 * which the first enters layer 0 and the last leaves layer L - 1. So {@code -2} and {@code L - 1}
 * both are what enters the last layer (LLaVA's choice). No hidden state is normalized behind the
 * layers, with one exception: {@code -1} of SigLIP is the tower's {@code last_hidden_state}, with
 * its {@code post_layernorm}; {@code L} is the same layer without it. Layers above the feature
 * layer are not built.
 *
 * @param imageSize pixels along one side of the square input
 * @param patchSize pixels along one side of a patch; pixels at the right and at the bottom that
 *     fill no whole patch are not seen (SigLIP's 384 at 14)
 * @param hiddenAct one of the family's
 * @param normType {@code RMS_NORM} in InternViT-6B alone
 * @param attentionBias whether q, k and v have a bias; {@code false} in InternViT-6B alone
 * @param useQkNorm whether q and k are normalized over the hidden size; InternViT-6B alone
 * @param featureLayer -L..-1 or 1..L
 */
public record VisionConfig(
    VisionFamily family,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int imageSize,
    int patchSize,
    double layerNormEps,
    VisionActivation hiddenAct,
    VisionNorm normType,
    boolean attentionBias,
    boolean useQkNorm,
    int featureLayer) {

  /** RGB. */
  public static final int NUM_CHANNELS = 3;

  /** The tower's own last hidden state. */
  public static final int LAST_LAYER = -1;

  public VisionConfig {
    requireNonNull(family, "family");
    requireNonNull(hiddenAct, "hiddenAct");
    requireNonNull(normType, "normType");
    Expect.atLeastOne("vision.hiddenSize", hiddenSize);
    Expect.atLeastOne("vision.intermediateSize", intermediateSize);
    Expect.atLeastOne("vision.numHiddenLayers", numHiddenLayers);
    Expect.atLeastOne("vision.numAttentionHeads", numAttentionHeads);
    Expect.atLeastOne("vision.imageSize", imageSize);
    Expect.atLeastOne("vision.patchSize", patchSize);
    Checks.divides("vision.numAttentionHeads", numAttentionHeads, "vision.hiddenSize", hiddenSize);
    if (patchSize > imageSize) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "vision.patchSize = %d is larger than vision.imageSize = %d; change one of them",
              patchSize,
              imageSize));
    }
    if (!family.activations().contains(hiddenAct)) {
      throw new InvalidInputException(
          "vision.hiddenAct is %s; expected one of %s for vision.family = %s"
              .formatted(hiddenAct, family.activations(), family));
    }
    boolean plainAttention = normType == VisionNorm.LAYER_NORM && attentionBias && !useQkNorm;
    if (family != VisionFamily.INTERNVIT && !plainAttention) {
      throw new InvalidInputException(
          ("vision.normType = %s, attentionBias = %s, useQkNorm = %s; %s has LAYER_NORM, true,"
                  + " false (others are InternViT's)")
              .formatted(normType, attentionBias, useQkNorm, family));
    }
    if (featureLayer == 0 || Math.abs((long) featureLayer) > numHiddenLayers) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "vision.featureLayer is %d; expected -%d to -1 or 1 to %d with that many layers",
              featureLayer,
              numHiddenLayers,
              numHiddenLayers));
    }
  }

  /** A SigLIP tower whose features are its last hidden state. */
  public VisionConfig(
      int hiddenSize,
      int intermediateSize,
      int numHiddenLayers,
      int numAttentionHeads,
      int imageSize,
      int patchSize,
      double layerNormEps) {
    this(
        VisionFamily.SIGLIP,
        hiddenSize,
        intermediateSize,
        numHiddenLayers,
        numAttentionHeads,
        imageSize,
        patchSize,
        layerNormEps,
        VisionActivation.GELU_TANH,
        VisionNorm.LAYER_NORM,
        true,
        false,
        LAST_LAYER);
  }

  /** The same tower with its features taken from another layer. */
  public VisionConfig withFeatureLayer(int layer) {
    return with(numHiddenLayers, imageSize, layer);
  }

  /** The same tower for another image size; its position embeddings must be interpolated. */
  public VisionConfig withImageSize(int size) {
    return with(numHiddenLayers, size, featureLayer);
  }

  /** A tower with the same features that has no layers above them. */
  public VisionConfig withoutUnbuiltLayers() {
    boolean hasUnusedNorm = family.hasPostNorm() && !hasPostNorm();
    return with(numBuiltLayers(), imageSize, hasUnusedNorm ? numBuiltLayers() : LAST_LAYER);
  }

  private VisionConfig with(int layers, int size, int feature) {
    return new VisionConfig(
        family,
        hiddenSize,
        intermediateSize,
        layers,
        numAttentionHeads,
        size,
        patchSize,
        layerNormEps,
        hiddenAct,
        normType,
        attentionBias,
        useQkNorm,
        feature);
  }

  /** Layers up to the feature layer: those that are built, from the first on. */
  public int numBuiltLayers() {
    return featureLayer < 0 ? numHiddenLayers + 1 + featureLayer : featureLayer;
  }

  /** Whether the features are normalized behind the layers. */
  public boolean hasPostNorm() {
    return family.hasPostNorm() && featureLayer == LAST_LAYER;
  }

  /** Patches along one side of the feature grid. */
  public int gridSide() {
    return imageSize / patchSize;
  }

  /** Patches per image. */
  public int numPatches() {
    return gridSide() * gridSide();
  }

  /** Tokens before the patches inside the tower: the class token or none. */
  public int numLeadingTokens() {
    return family.hasClassToken() ? 1 : 0;
  }
}
