package io.tokenflex.model;

import static io.tokenflex.model.Specs.ones;
import static io.tokenflex.model.Specs.tokenTable;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The decoder: token and vision embeddings_BTD -> hidden states_BTD -> logits or loss.
 *
 * <p>Equals Hugging Face's {@code Qwen2ForCausalLM}, {@code Qwen3ForCausalLM} and {@code
 * LlamaForCausalLM} (transformers, models/qwen2/modeling_qwen2.py and the like).
 */
final class LanguageModel {
  private static final String PREFIX = "language_model.";
  private static final String EMBEDDINGS = PREFIX + "model.embed_tokens";
  private static final String LAYER = PREFIX + "model.layers.";
  private static final String FINAL_NORM = PREFIX + "model.norm";
  private static final String HEAD = PREFIX + "lm_head";

  private final KernelLibrary kernels;
  private final LanguageConfig config;
  private final ComputeType type;
  private final Segment embeddings;
  private final List<DecoderLayer> layers = new ArrayList<>();
  private final Segment head;
  private final RotaryTable rotary;
  private final int lossChunk;

  /** What the LM head multiplies by in place of the table that it is tied to; null: the table. */
  private NDArray tiedHead;

  LanguageModel(NDManager manager, KernelLibrary kernels, LanguageConfig config, ComputeType type) {
    this.kernels = kernels;
    this.config = config;
    this.type = type;
    this.embeddings = embeddings(config).allocate(manager, kernels, EMBEDDINGS);
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(new DecoderLayer(manager, kernels, config, type, LAYER + i));
    }
    this.head = head(config).allocate(manager, kernels, headName(config));
    this.rotary = new RotaryTable(manager, kernels, config, type);
    this.lossChunk = LossChunk.rowsOn(manager.getDevice(), config.vocabSize());
  }

  Segment embeddings() {
    return embeddings;
  }

  /**
   * Decoder layers, then the final norm; the last segment includes the LM head if it is not tied.
   */
  List<Segment> segmentsAfterEmbeddings() {
    List<Segment> segments = new ArrayList<>();
    layers.forEach(layer -> segments.add(layer.segment()));
    segments.add(head);
    return segments;
  }

  Segment head() {
    return head;
  }

  RotaryTable rotary() {
    return rotary;
  }

  /**
   * As {@link TokenFlexModel#pack}; the embedding table, which is only looked up, stays as it is.
   */
  void pack(NDManager manager) {
    layers.forEach(layer -> layer.segment().pack(type, ParameterSpec::isLinear));
    head.pack(type, LanguageModel::isHead);
    if (config.tieWordEmbeddings()) {
      tiedHead = kernels.call(manager, "pack", embeddings.operands().get(0), type);
    }
  }

  private static boolean isHead(ParameterSpec ofHeadSegment) {
    return ofHeadSegment.shape().dimension() == 2;
  }

  /** As {@link Segment#giveCopies}; the embedding table is looked up in fp32. */
  void giveCopies(NDManager owner) {
    layers.forEach(layer -> layer.segment().giveCopies(owner, type, ParameterSpec::isLinear));
    head.giveCopies(owner, type, LanguageModel::isHead);
    if (config.tieWordEmbeddings()) {
      tiedHead = kernels.callForList(owner, "casts", embeddings.operands(), type)[0];
    }
  }

  /** As {@link Segment#giveWeights}. */
  void giveWeights() {
    segmentsAfterEmbeddings().forEach(Segment::giveWeights);
    tiedHead = null;
  }

  /**
   * Token embeddings, with vision tokens in place of the placeholders; shape (B, T, D).
   *
   * @param vision_IVD empty for a batch without images
   * @param at flat positions in B x T of all I x V placeholders, in order
   */
  NDArray embed(NDManager owner, NDArray ids_BT, NDList vision_IVD, NDArray at) {
    return kernels.call(owner, "embed", ids_BT, embeddings.operands().get(0), vision_IVD, at);
  }

  /**
   * Backward pass of {@link #embed}: adds to the gradient of the embedding table.
   *
   * @return gradient of vision_IVD; null for a batch without images
   */
  NDArray embedBackward(NDManager owner, NDArray dx_BTD, NDArray ids_BT, NDArray at, int images) {
    NDArray[] dVision =
        kernels.callForList(
            owner, "embed_vjp", dx_BTD, ids_BT, at, images, embeddings.gradientOperands());
    return dVision.length == 0 ? null : dVision[0];
  }

  /** The decoder layers, applied to whole right-padded sequences. */
  List<Layer> layers(RotaryTable.Rotation rotation) {
    return layers.stream().map(layer -> layer.at(rotation)).toList();
  }

  /** Applies one decoder layer to the new rows of several sequences, extending {@code cache}. */
  NDArray layerCached(
      NDManager owner,
      int layer,
      NDArray x_1RD,
      RotaryTable.Rotation rotation,
      KeyValueCache cache,
      NewRows rows) {
    return layers
        .get(layer)
        .cached(owner, x_1RD, rotation, cache.keys(layer), cache.values(layer), rows);
  }

  /** An empty cache for so many sequences of at most {@code capacity} positions. */
  KeyValueCache cache(NDManager owner, int numSequences, int capacity) {
    return new KeyValueCache(
        owner, kernels, embeddings.operands().get(0), config, type, numSequences, capacity);
  }

  /** Log-probability of one token in each row of logits_BV, length B. */
  float[] logProbabilities(NDManager owner, NDArray logits_BV, long[] tokens_B) {
    NDArray ids = HostArrays.of(owner, tokens_B);
    return HostMemory.floats(kernels.call(owner, "log_probabilities", logits_BV, ids));
  }

  /** Largest probability less the second largest in each row of logits_BV, length B. */
  float[] margins(NDManager owner, NDArray logits_BV) {
    return HostMemory.floats(kernels.call(owner, "margins", logits_BV));
  }

  /** Logits at flat positions of B x T, shape (rows, vocab), fp32. */
  NDArray logits(NDManager owner, NDArray x_BTD, NDArray rows) {
    return kernels.call(
        owner, "head_logits", x_BTD, headOperands(), rows, config.rmsNormEps(), type);
  }

  /**
   * Sum of the cross entropies at {@code rows}, and the backward pass through LM head and final
   * norm.
   *
   * @return loss (0-dim) and gradient of x_BTD
   */
  NDArray[] lossAndGradient(NDManager owner, NDArray x_BTD, NDArray rows, NDArray targets) {
    NDList headGradient =
        config.tieWordEmbeddings() ? embeddings.gradientOperands() : head.gradientOperand(0);
    int normIndex = config.tieWordEmbeddings() ? 0 : 1;
    return kernels.callForList(
        owner,
        "head_loss_vjp",
        x_BTD,
        headOperands(),
        rows,
        targets,
        lossChunk,
        config.rmsNormEps(),
        type,
        headGradient,
        head.gradientOperand(normIndex));
  }

  private NDList headOperands() {
    if (!config.tieWordEmbeddings()) {
      return head.given();
    }
    NDArray table = tiedHead != null ? tiedHead : embeddings.given().get(0);
    return new NDList(table, head.given().get(0));
  }

  /** The parameters of every segment, in forward order. */
  static Map<String, SegmentLayout> layouts(LanguageConfig config) {
    Map<String, SegmentLayout> layouts = new LinkedHashMap<>();
    layouts.put(EMBEDDINGS, embeddings(config));
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layouts.put(LAYER + i, DecoderLayer.layout(config, LAYER + i));
    }
    layouts.put(headName(config), head(config));
    return layouts;
  }

  private static SegmentLayout embeddings(LanguageConfig config) {
    return new SegmentLayout()
        .operand("w", tokenTable(EMBEDDINGS + ".weight", config.vocabSize(), config.hiddenSize()));
  }

  private static SegmentLayout head(LanguageConfig config) {
    return new SegmentLayout()
        .operandIf(
            !config.tieWordEmbeddings(),
            "w",
            tokenTable(HEAD + ".weight", config.vocabSize(), config.hiddenSize()))
        .operand("w", ones(FINAL_NORM + ".weight", config.hiddenSize()));
  }

  private static String headName(LanguageConfig config) {
    return config.tieWordEmbeddings() ? FINAL_NORM : HEAD;
  }
}
