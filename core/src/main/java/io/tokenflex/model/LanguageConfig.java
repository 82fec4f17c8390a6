package io.tokenflex.model;

/**
 * Shape of the language model, in the terms of Hugging Face's {@code Qwen2Config}.
 *
 * @param tieWordEmbeddings whether the LM head is the embedding table
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
    boolean tieWordEmbeddings) {

  public LanguageConfig {
    Checks.positive("language.vocabSize", vocabSize);
    Checks.positive("language.hiddenSize", hiddenSize);
    Checks.positive("language.intermediateSize", intermediateSize);
    Checks.positive("language.numHiddenLayers", numHiddenLayers);
    Checks.positive("language.numAttentionHeads", numAttentionHeads);
    Checks.positive("language.numKeyValueHeads", numKeyValueHeads);
    Checks.positive("language.headDim", headDim);
    Checks.positive("language.maxPositionEmbeddings", maxPositionEmbeddings);
    Checks.divides("language.headDim's half", 2, "language.headDim", headDim);
    Checks.divides(
        "language.numKeyValueHeads",
        numKeyValueHeads,
        "language.numAttentionHeads",
        numAttentionHeads);
    if (!(ropeTheta > 1)) {
      throw new IllegalArgumentException(
          "language.ropeTheta is " + ropeTheta + "; it must be above 1");
    }
  }
}
