package io.tokenflex.model;

import static io.tokenflex.model.Specs.matrix;
import static io.tokenflex.model.Specs.ones;
import static io.tokenflex.model.Specs.residualMatrix;
import static io.tokenflex.model.Specs.zeros;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;

/**
 * One decoder layer: x_BTD -> x_BTD. Qwen2 has biases on q, k and v; Qwen3 normalizes q and k per
 * head; Llama has neither.
 */
final class DecoderLayer {
  private final KernelLibrary kernels;
  private final LanguageConfig config;
  private final ComputeType type;
  private final Segment segment;
  private final NDList weights;
  private final NDList qkvBias;
  private final NDList qkNorm;

  DecoderLayer(
      NDManager manager,
      KernelLibrary kernels,
      LanguageConfig config,
      ComputeType type,
      String name) {
    this.kernels = kernels;
    this.config = config;
    this.type = type;
    this.segment = layout(config, name).allocate(manager, kernels, name);
    this.weights = segment.argument("w");
    this.qkvBias = segment.argument("qkv_bias");
    this.qkNorm = segment.argument("qk_norm");
  }

  /** The parameters of a layer. */
  static SegmentLayout layout(LanguageConfig config, String name) {
    int d = config.hiddenSize();
    int f = config.intermediateSize();
    int h = config.headDim();
    int q = config.numAttentionHeads() * h;
    int kv = config.numKeyValueHeads() * h;
    String attention = name + ".self_attn.";
    return new SegmentLayout()
        .operand(
            "w",
            matrix(attention + "q_proj.weight", q, d),
            matrix(attention + "k_proj.weight", kv, d),
            matrix(attention + "v_proj.weight", kv, d))
        .operand("w", residualMatrix(attention + "o_proj.weight", d, q))
        .operand(
            "w",
            matrix(name + ".mlp.gate_proj.weight", f, d),
            matrix(name + ".mlp.up_proj.weight", f, d))
        .operand("w", residualMatrix(name + ".mlp.down_proj.weight", d, f))
        .operandIf(
            config.qkvBias(),
            "qkv_bias",
            zeros(attention + "q_proj.bias", q),
            zeros(attention + "k_proj.bias", kv),
            zeros(attention + "v_proj.bias", kv))
        .operand("w", ones(name + ".input_layernorm.weight", d))
        .operand("w", ones(name + ".post_attention_layernorm.weight", d))
        .operandIf(config.qkNorm(), "qk_norm", ones(attention + "q_norm.weight", h))
        .operandIf(config.qkNorm(), "qk_norm", ones(attention + "k_norm.weight", h));
  }

  Segment segment() {
    return segment;
  }

  /** The layer applied to whole right-padded sequences. */
  Layer at(RotaryTable.Rotation rotation) {
    return new WholeSequences(this, rotation);
  }

  /**
   * The layer applied to the new rows of several sequences, with a key/value cache; shape (1, R,
   * D).
   *
   * @param rotation of every row, shape (R, 1, H)
   * @param keys cache of shape (B, K, Tmax, H); new keys are written behind those of their sequence
   * @param values cache of shape (B, K, Tmax, H), written likewise
   */
  NDArray cached(
      NDManager owner,
      NDArray x_1RD,
      RotaryTable.Rotation rotation,
      NDArray keys,
      NDArray values,
      NewRows rows) {
    return kernels.call(
        owner,
        "decoder_layer_cached",
        x_1RD,
        weights,
        qkvBias,
        qkNorm,
        rotation.cos(),
        rotation.sin(),
        keys,
        values,
        rows.slots(),
        rows.starts(),
        rows.counts(),
        config.numAttentionHeads(),
        config.numKeyValueHeads(),
        config.headDim(),
        config.rmsNormEps(),
        type);
  }

  private record WholeSequences(DecoderLayer decoder, RotaryTable.Rotation rotation)
      implements Layer {
    @Override
    public Segment segment() {
      return decoder.segment;
    }

    @Override
    public NDArray forward(NDManager owner, NDArray x_BTD) {
      return decoder.kernels.call(owner, "decoder_layer", arguments(x_BTD));
    }

    @Override
    public NDList record(NDManager owner, NDArray x_BTD) {
      return new NDList(
          decoder.kernels.callForList(owner, "decoder_layer_recorded", arguments(x_BTD)));
    }

    private Object[] arguments(NDArray x_BTD) {
      LanguageConfig config = decoder.config;
      return new Object[] {
        x_BTD,
        decoder.weights,
        decoder.qkvBias,
        decoder.qkNorm,
        rotation.cos(),
        rotation.sin(),
        config.numAttentionHeads(),
        config.numKeyValueHeads(),
        config.headDim(),
        config.rmsNormEps(),
        decoder.type
      };
    }

    @Override
    public NDArray[] addGradients(
        KernelLibrary kernels, NDManager owner, NDList recorded, NDList inputs, NDArray dy) {
      return kernels.callForList(
          owner,
          "decoder_layer_vjp",
          recorded,
          inputs,
          segment().training().leaves(),
          dy,
          segment().training().leafGradients(),
          decoder.weights,
          decoder.config.rmsNormEps(),
          decoder.type);
    }
  }
}
