package io.tokenflex.model;

import static io.tokenflex.model.Specs.classToken;
import static io.tokenflex.model.Specs.layerScale;
import static io.tokenflex.model.Specs.matrix;
import static io.tokenflex.model.Specs.ones;
import static io.tokenflex.model.Specs.patchPositions;
import static io.tokenflex.model.Specs.residualMatrix;
import static io.tokenflex.model.Specs.zeros;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.List;

/**
 * The vision transformer: pixels_ICYX -> features_IPD.
 *
 * <p>Computes what the published towers compute (the sources are named at {@link VisionFamily}), up
 * to the layer of {@link VisionConfig#featureLayer} and without the class token. Parameters have
 * the names of Hugging Face's {@code SiglipVisionModel}; what SigLIP lacks is named in its style.
 */
final class VisionTower {
  private static final String PREFIX = "vision_model.";

  private final NDManager manager;
  private final KernelLibrary kernels;
  private final VisionConfig config;
  private final ComputeType type;
  private final List<Layer> layers = new ArrayList<>();

  VisionTower(NDManager manager, KernelLibrary kernels, VisionConfig config, ComputeType type) {
    this.manager = manager;
    this.kernels = kernels;
    this.config = config;
    this.type = type;
    layers.add(embeddings());
    if (config.family().hasPreNorm()) {
      layers.add(norm("pre_layernorm"));
    }
    int last = config.numBuiltLayers() - 1;
    for (int i = 0; i <= last; i++) {
      layers.add(encoderLayer(i, i == last ? config.numLeadingTokens() : 0));
    }
    if (config.hasPostNorm()) {
      layers.add(norm("post_layernorm"));
    }
  }

  /** From pixels to features, in forward order. */
  List<Layer> layers() {
    return layers;
  }

  private Layer embeddings() {
    String name = PREFIX + "embeddings";
    VisionFamily family = config.family();
    int d = config.hiddenSize();
    int p = config.patchSize();
    Layout layout =
        new Layout()
            .operand(
                "w", matrix(name + ".patch_embedding.weight", d, VisionConfig.NUM_CHANNELS, p, p))
            .operand(
                "w",
                patchPositions(
                    name + ".position_embedding.weight",
                    config.numLeadingTokens(),
                    config.gridSide(),
                    d));
    if (family.hasPatchBias()) {
      layout.operand("bias", zeros(name + ".patch_embedding.bias", d));
    }
    if (family.hasClassToken()) {
      layout.operand("class_token", classToken(name + ".class_embedding", d));
    }
    Segment segment = layout.segment(manager, kernels, name);
    return new Embeddings(
        this,
        segment,
        layout.argument(segment, "w"),
        layout.argument(segment, "bias"),
        layout.argument(segment, "class_token"));
  }

  private Layer encoderLayer(int index, int dropTokens) {
    String name = PREFIX + "encoder.layers." + index;
    String attention = name + ".self_attn.";
    int d = config.hiddenSize();
    int f = config.intermediateSize();
    Layout layout =
        new Layout()
            .operand(
                "w",
                matrix(attention + "q_proj.weight", d, d),
                matrix(attention + "k_proj.weight", d, d),
                matrix(attention + "v_proj.weight", d, d))
            .operand("w", residualMatrix(attention + "out_proj.weight", d, d))
            .operand("w", matrix(name + ".mlp.fc1.weight", f, d))
            .operand("w", residualMatrix(name + ".mlp.fc2.weight", d, f));
    if (config.attentionBias()) {
      layout.operand(
          "qkv_bias",
          zeros(attention + "q_proj.bias", d),
          zeros(attention + "k_proj.bias", d),
          zeros(attention + "v_proj.bias", d));
    }
    layout
        .operand("b", zeros(attention + "out_proj.bias", d))
        .operand("b", zeros(name + ".mlp.fc1.bias", f))
        .operand("b", zeros(name + ".mlp.fc2.bias", d));
    norm(layout, "norm1", name + ".layer_norm1");
    norm(layout, "norm2", name + ".layer_norm2");
    if (config.useQkNorm()) {
      layout
          .operand("qk_norm", ones(attention + "q_norm.weight", d))
          .operand("qk_norm", ones(attention + "k_norm.weight", d));
    }
    if (config.family().hasLayerScale()) {
      layout
          .operand("scale", layerScale(name + ".lambda_1", d))
          .operand("scale", layerScale(name + ".lambda_2", d));
    }
    Segment segment = layout.segment(manager, kernels, name);
    return new EncoderLayer(
        this,
        segment,
        layout.argument(segment, "w"),
        layout.argument(segment, "b"),
        layout.argument(segment, "qkv_bias"),
        layout.argument(segment, "norm1"),
        layout.argument(segment, "norm2"),
        layout.argument(segment, "qk_norm"),
        layout.argument(segment, "scale"),
        dropTokens);
  }

  private void norm(Layout layout, String argument, String name) {
    layout.operand(argument, ones(name + ".weight", config.hiddenSize()));
    if (config.normType() == VisionNorm.LAYER_NORM) {
      layout.operand(argument, zeros(name + ".bias", config.hiddenSize()));
    }
  }

  private Layer norm(String name) {
    Layout layout = new Layout();
    norm(layout, "w", PREFIX + name);
    return new Norm(this, layout.segment(manager, kernels, PREFIX + name));
  }

  private record Embeddings(
      VisionTower tower, Segment segment, NDList w, NDList bias, NDList classToken)
      implements Layer {
    @Override
    public NDArray forward(NDManager owner, NDArray pixels_ICYX) {
      int patchSize = tower.config.patchSize();
      return tower.kernels.call(
          owner, "vision_embeddings", pixels_ICYX, w, bias, classToken, patchSize, tower.type);
    }
  }

  private record EncoderLayer(
      VisionTower tower,
      Segment segment,
      NDList w,
      NDList b,
      NDList qkvBias,
      NDList norm1,
      NDList norm2,
      NDList qkNorm,
      NDList scale,
      int dropTokens)
      implements Layer {
    @Override
    public NDArray forward(NDManager owner, NDArray x_ITD) {
      return tower.kernels.call(
          owner,
          "vision_layer",
          x_ITD,
          w,
          b,
          qkvBias,
          norm1,
          norm2,
          qkNorm,
          scale,
          tower.config.numAttentionHeads(),
          tower.config.hiddenAct().kernelCode(),
          dropTokens,
          tower.config.layerNormEps(),
          tower.type);
    }
  }

  private record Norm(VisionTower tower, Segment segment) implements Layer {
    @Override
    public NDArray forward(NDManager owner, NDArray x_ITD) {
      return tower.kernels.call(
          owner, "vision_norm", x_ITD, segment.operands(), tower.config.layerNormEps());
    }
  }
}
