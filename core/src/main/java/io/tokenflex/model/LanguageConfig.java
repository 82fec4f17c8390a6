package io.tokenflex.model;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;

/**
 * Shape of the language model, in the terms of Hugging Face's {@code Qwen2Config}, {@code
 * Qwen3Config} and {@code LlamaConfig}.
 *
 * @param headDim H; need not be {@code hiddenSize / numAttentionHeads}
 * @param maxPositionEmbeddings longest sequence that is taken
 * @param tieWordEmbeddings whether the LM head is the embedding table
 * @param qkvBias whether the projections to queries, keys and values have biases, as Qwen2's have
 * @param qkNorm whether every head's queries and keys are normed, as Qwen3's are
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

  /** A Qwen2 decoder: biases on queries, keys and values, no norms on them, no rope scaling. */
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

  /** The same model with another number of token ids. */
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

  /** The same with one table over the vocabulary for both ends, or with two. */
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
