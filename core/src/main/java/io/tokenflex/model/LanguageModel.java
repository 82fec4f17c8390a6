package io.tokenflex.model;

import static io.tokenflex.model.Specs.matrix;
import static io.tokenflex.model.Specs.ones;
import static io.tokenflex.model.Specs.residualMatrix;
import static io.tokenflex.model.Specs.tokenTable;
import static io.tokenflex.model.Specs.zeros;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.List;

/**
 * The decoder: token and vision embeddings_BTD -> hidden states_BTD -> logits or loss.
 *
 * <p>Computes what Hugging Face's {@code Qwen2ForCausalLM} computes (transformers,
 * models/qwen2/modeling_qwen2.py).
 */
final class LanguageModel {
  private static final String PREFIX = "language_model.";

  /** Rows of logits held at once by the loss: bounds its memory at chunk x vocab. */
  private static final int LOSS_CHUNK = 512;

  private final KernelLibrary kernels;
  private final LanguageConfig config;
  private final ComputeType type;
  private final Segment embeddings;
  private final List<Segment> layers = new ArrayList<>();
  private final Segment head;
  private final RotaryTable rotary;

  LanguageModel(NDManager manager, KernelLibrary kernels, LanguageConfig config, ComputeType type) {
    this.kernels = kernels;
    this.config = config;
    this.type = type;
    this.embeddings = embeddings(manager, kernels, config);
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(decoderLayer(manager, kernels, config, PREFIX + "model.layers." + i));
    }
    this.head = head(manager, kernels, config);
    this.rotary = new RotaryTable(manager, kernels, config);
  }

  Segment embeddings() {
    return embeddings;
  }

  /** Decoder layers, then the final norm with the LM head where it is not tied. */
  List<Segment> segmentsAfterEmbeddings() {
    List<Segment> segments = new ArrayList<>(layers);
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
   * Token embeddings with vision tokens over the placeholders.
   *
   * @param vision_IVD empty for text alone
   * @param at flat positions in B x T of all vision tokens, in reading order
   */
  NDArray embed(NDManager owner, NDArray ids_BT, NDList vision_IVD, NDArray at) {
    return kernels.call(owner, "embed", ids_BT, embeddings.operands().get(0), vision_IVD, at);
  }

  /** Adds to the table's gradient; returns the gradient of vision_IVD, or null for text alone. */
  NDArray embedBackward(NDManager owner, NDArray dx_BTD, NDArray ids_BT, NDArray at, int images) {
    NDArray[] dVision =
        kernels.callForList(
            owner, "embed_vjp", dx_BTD, ids_BT, at, images, embeddings.gradientOperands());
    return dVision.length == 0 ? null : dVision[0];
  }

  /** The decoder layers over whole right-padded sequences. */
  List<Layer> layers(RotaryTable.Rotation rotation) {
    return layers.stream()
        .<Layer>map(segment -> new DecoderLayer(this, segment, rotation))
        .toList();
  }

  /** One decoder layer over new positions, with keys and values kept in {@code cache}. */
  NDArray layerCached(
      NDManager owner,
      int layer,
      NDArray x_BSD,
      RotaryTable.Rotation rotation,
      KeyValueCache cache,
      NDList mask) {
    return kernels.call(
        owner,
        "decoder_layer_cached",
        x_BSD,
        layers.get(layer).operands(),
        rotation.cos(),
        rotation.sin(),
        cache.keys(layer),
        cache.values(layer),
        cache.length(),
        mask,
        config.numAttentionHeads(),
        config.numKeyValueHeads(),
        config.headDim(),
        config.rmsNormEps(),
        type);
  }

  /** Logits at flat positions of B x T, shape (rows, vocab), fp32. */
  NDArray logits(NDManager owner, NDArray x_BTD, NDArray rows) {
    return kernels.call(
        owner, "head_logits", x_BTD, headOperands(), rows, config.rmsNormEps(), type);
  }

  /**
   * Sum of the cross entropies at {@code rows}, and the backward pass through head and final norm.
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
        LOSS_CHUNK,
        config.rmsNormEps(),
        type,
        headGradient,
        head.gradientOperand(normIndex));
  }

  private NDList headOperands() {
    return config.tieWordEmbeddings()
        ? new NDList(embeddings.operands().get(0), head.operands().get(0))
        : head.operands();
  }

  private static Segment embeddings(
      NDManager manager, KernelLibrary kernels, LanguageConfig config) {
    String name = PREFIX + "model.embed_tokens";
    Shape shape = new Shape(config.vocabSize(), config.hiddenSize());
    return new Segment(
        manager,
        kernels,
        name,
        List.of(tokenTable(name + ".weight", config.vocabSize(), config.hiddenSize())),
        List.of(shape));
  }

  private static Segment decoderLayer(
      NDManager manager, KernelLibrary kernels, LanguageConfig config, String name) {
    int d = config.hiddenSize();
    int f = config.intermediateSize();
    int q = config.numAttentionHeads() * config.headDim();
    int kv = config.numKeyValueHeads() * config.headDim();
    String attention = name + ".self_attn.";
    List<ParameterSpec> specs =
        List.of(
            matrix(attention + "q_proj.weight", q, d),
            matrix(attention + "k_proj.weight", kv, d),
            matrix(attention + "v_proj.weight", kv, d),
            residualMatrix(attention + "o_proj.weight", d, q),
            matrix(name + ".mlp.gate_proj.weight", f, d),
            matrix(name + ".mlp.up_proj.weight", f, d),
            residualMatrix(name + ".mlp.down_proj.weight", d, f),
            zeros(attention + "q_proj.bias", q),
            zeros(attention + "k_proj.bias", kv),
            zeros(attention + "v_proj.bias", kv),
            ones(name + ".input_layernorm.weight", d),
            ones(name + ".post_attention_layernorm.weight", d));
    return new Segment(
        manager,
        kernels,
        name,
        specs,
        List.of(
            new Shape(q + 2L * kv, d),
            new Shape(d, q),
            new Shape(2L * f, d),
            new Shape(d, f),
            new Shape(q + 2L * kv),
            new Shape(d),
            new Shape(d)));
  }

  private static Segment head(NDManager manager, KernelLibrary kernels, LanguageConfig config) {
    ParameterSpec finalNorm = ones(PREFIX + "model.norm.weight", config.hiddenSize());
    Shape normShape = new Shape(config.hiddenSize());
    if (config.tieWordEmbeddings()) {
      return new Segment(
          manager, kernels, PREFIX + "model.norm", List.of(finalNorm), List.of(normShape));
    }
    return new Segment(
        manager,
        kernels,
        PREFIX + "lm_head",
        List.of(
            tokenTable(PREFIX + "lm_head.weight", config.vocabSize(), config.hiddenSize()),
            finalNorm),
        List.of(new Shape(config.vocabSize(), config.hiddenSize()), normShape));
  }

  private record DecoderLayer(LanguageModel model, Segment segment, RotaryTable.Rotation rotation)
      implements Layer {
    @Override
    public NDArray forward(NDManager owner, NDArray x_BTD) {
      LanguageConfig config = model.config;
      return model.kernels.call(
          owner,
          "decoder_layer",
          x_BTD,
          segment.operands(),
          rotation.cos(),
          rotation.sin(),
          config.numAttentionHeads(),
          config.numKeyValueHeads(),
          config.headDim(),
          config.rmsNormEps(),
          model.type);
    }
  }
}
