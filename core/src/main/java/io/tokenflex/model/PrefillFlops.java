package io.tokenflex.model;

/**
 * Floating-point operations of reading a prompt: two for each multiplication of a matrix product,
 * attention included; norms, activations and softmax, which are under a hundredth, are left out.
 * With W weights in products, a pass over T tokens takes 2 W T (Kaplan et al., arXiv 2001.08361,
 * section 2.1) and attention 2 T^2 x width for each of its two products, half of it where it is
 * causal.
 */
public final class PrefillFlops {
  private final ModelConfig config;

  public PrefillFlops(ModelConfig config) {
    this.config = config;
  }

  /** The vision tower over so many images or tiles; no number of vision tokens changes it. */
  public long tower(int tiles) {
    VisionConfig vision = config.vision();
    long d = vision.hiddenSize();
    long patches = vision.numPatches();
    long rows = patches + vision.numLeadingTokens();
    long pixels = (long) VisionConfig.NUM_CHANNELS * vision.patchSize() * vision.patchSize();
    long embedding = 2 * patches * pixels * d;
    long layer = 2 * rows * (4 * d * d + 2 * d * vision.intermediateSize()) + 4 * rows * rows * d;
    return tiles * (embedding + vision.numBuiltLayers() * layer);
  }

  /**
   * Projector and decoder.
   *
   * @param perTile vision tokens an image or tile
   * @param promptTokens vision and text tokens in all
   */
  public long atCount(int tiles, int perTile, int promptTokens) {
    LanguageConfig language = config.language();
    long inner = config.projector().intermediateSize();
    long d = language.hiddenSize();
    long projector =
        2L * tiles * perTile * inner * (2L * config.vision().hiddenSize() + language.hiddenSize());
    long queries = (long) language.numAttentionHeads() * language.headDim();
    long keys = (long) language.numKeyValueHeads() * language.headDim();
    long weights = d * (2 * queries + 2 * keys) + 3 * d * language.intermediateSize();
    long t = promptTokens;
    long layer = 2 * t * weights + 2 * t * t * queries;
    long head = 2 * d * language.vocabSize(); // of the last position alone
    return projector + language.numHiddenLayers() * layer + head;
  }
}
