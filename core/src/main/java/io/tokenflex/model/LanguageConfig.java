package io.tokenflex.model;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;

/**
 * Configuration of the decoder, in the terms of Hugging Face's {@code Qwen2Config}, {@code
 * Qwen3Config} and {@code LlamaConfig}.
 *
 * @param headDim H; may differ from {@code hiddenSize / numAttentionHeads}
 * @param maxPositionEmbeddings maximum sequence length in tokens
 * @param tieWordEmbeddings whether the LM head shares the embedding table
 * @param qkvBias whether the q, k and v projections have biases (Qwen2)
 * @param qkNorm whether q and k are normalized per head (Qwen3)
 */
public record LanguageConfig(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int numKeyValueHeads,
    int headDim,
    int maxPositionEmbeddings,
    double ropeTheta,
    double rmsNormEps,
    boolean tieWordEmbeddings,
    boolean qkvBias,
    boolean qkNorm,
    RopeScaling ropeScaling) {

  public LanguageConfig {
    Expect.atLeastOne("language.vocabSize", vocabSize);
    Expect.atLeastOne("language.hiddenSize", hiddenSize);
    Expect.atLeastOne("language.intermediateSize", intermediateSize);
    Expect.atLeastOne("language.numHiddenLayers", numHiddenLayers);
    Expect.atLeastOne("language.numAttentionHeads", numAttentionHeads);
    Expect.atLeastOne("language.numKeyValueHeads", numKeyValueHeads);
    Expect.atLeastOne("language.headDim", headDim);
    Expect.atLeastOne("language.maxPositionEmbeddings", maxPositionEmbeddings);
    Checks.divides("language.headDim's half", 2, "language.headDim", headDim);
    Checks.divides(
        "language.numKeyValueHeads",
        numKeyValueHeads,
        "language.numAttentionHeads",
        numAttentionHeads);
    if (!(ropeTheta > 1)) {
      throw new InvalidInputException(
          "language.ropeTheta is " + ropeTheta + "; it must be above 1");
    }
    if (qkvBias && qkNorm) {
      throw new InvalidInputException(
          "language.qkvBias and language.qkNorm are both true; Qwen2 has the first, Qwen3 the"
              + " second, no family both: set one of them to false");
    }
    requireNonNull(ropeScaling, "ropeScaling");
  }

  /** A Qwen2 decoder: q, k and v biases, no q and k norms, no rope scaling. */
  public LanguageConfig(
      int vocabSize,
      int hiddenSize,
      int intermediateSize,
      int numHiddenLayers,
      int numAttentionHeads,
      int numKeyValueHeads,
      int headDim,
      int maxPositionEmbeddings,
      double ropeTheta,
      double rmsNormEps,
      boolean tieWordEmbeddings) {
    this(
        vocabSize,
        hiddenSize,
        intermediateSize,
        numHiddenLayers,
        numAttentionHeads,
        numKeyValueHeads,
        headDim,
        maxPositionEmbeddings,
        ropeTheta,
        rmsNormEps,
        tieWordEmbeddings,
        true,
        false,
        new RopeScaling.None());
  }

  /** The same configuration with another vocabulary size. */
  public LanguageConfig withVocabSize(int size) {
    return new LanguageConfig(
        size,
        hiddenSize,
        intermediateSize,
        numHiddenLayers,
        numAttentionHeads,
        numKeyValueHeads,
        headDim,
        maxPositionEmbeddings,
        ropeTheta,
        rmsNormEps,
        tieWordEmbeddings,
        qkvBias,
        qkNorm,
        ropeScaling);
  }

  /** The same configuration with a tied or an untied LM head. */
  public LanguageConfig withTieWordEmbeddings(boolean tie) {
    return new LanguageConfig(
        vocabSize,
        hiddenSize,
        intermediateSize,
        numHiddenLayers,
        numAttentionHeads,
        numKeyValueHeads,
        headDim,
        maxPositionEmbeddings,
        ropeTheta,
        rmsNormEps,
        tie,
        qkvBias,
        qkNorm,
        ropeScaling);
  }
}
