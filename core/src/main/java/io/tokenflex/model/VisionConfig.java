package io.tokenflex.model;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/**
 * Configuration of the vision tower, in the terms of Hugging Face's vision configs.
 *
 * <p>The features of an image are P patches of {@code hiddenSize}; a class token is dropped, as in
 * LLaVA and InternVL. {@code featureLayer} selects them as transformers' {@code
 * vision_feature_layer} does: an index into the L + 1 hidden states of a tower with L layers, where
 * state 0 is the input of layer 0 and state L the output of layer L - 1. LLaVA's choice, {@code -2}
 * (equal to {@code L - 1}), is the input of the last layer. Hidden states are taken before any
 * final norm, with one exception: for SigLIP, {@code -1} is {@code last_hidden_state} after {@code
 * post_layernorm}, and {@code L} the same state before it. Layers above the feature layer are not
 * built.
 *
 * @param imageSize side of the square input in pixels
 * @param patchSize side of a patch in pixels; pixels at the right and lower edge that do not fill a
 *     patch are ignored (SigLIP's 384 with patches of 14)
 * @param hiddenAct one of the family's activations
 * @param normType {@code RMS_NORM} only in InternViT-6B
 * @param attentionBias whether q, k and v have biases; {@code false} only in InternViT-6B
 * @param useQkNorm whether q and k are normalized over the hidden size; only in InternViT-6B
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

  /** Red, green, blue. */
  public static final int NUM_CHANNELS = 3;

  /** Selects the tower's last hidden state. */
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

  /** The same tower with another feature layer. */
  public VisionConfig withFeatureLayer(int layer) {
    return with(numHiddenLayers, imageSize, layer);
  }

  /** The same tower for another image size; its position embeddings must be interpolated. */
  public VisionConfig withImageSize(int size) {
    return with(numHiddenLayers, size, featureLayer);
  }

  /** The same tower without the layers above its feature layer. */
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

  /** Number of built layers: those up to the feature layer. */
  public int numBuiltLayers() {
    return featureLayer < 0 ? numHiddenLayers + 1 + featureLayer : featureLayer;
  }

  /** Whether the features are normalized after the last layer. */
  public boolean hasPostNorm() {
    return family.hasPostNorm() && featureLayer == LAST_LAYER;
  }

  /** Patches per side of the feature grid. */
  public int gridSide() {
    return imageSize / patchSize;
  }

  /** Patches per image. */
  public int numPatches() {
    return gridSide() * gridSide();
  }

  /** Number of tokens before the patches: 1 with a class token, else 0. */
  public int numLeadingTokens() {
    return family.hasClassToken() ? 1 : 0;
  }
}
