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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The vision transformer: pixels_ICYX -> features_IPD.
 *
 * <p>Equals the published towers (sources at {@link VisionFamily}) up to {@link
 * VisionConfig#featureLayer}, without the class token. Parameters are named as in Hugging Face's
 * {@code SiglipVisionModel}; those that SigLIP lacks follow its style.
 */
final class VisionTower {
  private static final String PREFIX = "vision_model.";
  private static final String EMBEDDINGS = PREFIX + "embeddings";
  private static final String PRE_NORM = PREFIX + "pre_layernorm";
  private static final String ENCODER_LAYER = PREFIX + "encoder.layers.";
  private static final String POST_NORM = PREFIX + "post_layernorm";

  private final KernelLibrary kernels;
  private final VisionConfig config;
  private final ComputeType type;
  private final List<Layer> layers = new ArrayList<>();

  VisionTower(NDManager manager, KernelLibrary kernels, VisionConfig config, ComputeType type) {
    this.kernels = kernels;
    this.config = config;
    this.type = type;
    layouts(config)
        .forEach(
            (name, layout) -> layers.add(layer(name, layout.allocate(manager, kernels, name))));
  }

  /** Layers from pixels to features, in forward order. */
  List<Layer> layers() {
    return layers;
  }

  /** The parameters of every segment, in forward order. */
  static Map<String, SegmentLayout> layouts(VisionConfig config) {
    Map<String, SegmentLayout> layouts = new LinkedHashMap<>();
    layouts.put(EMBEDDINGS, embeddings(config));
    if (config.family().hasPreNorm()) {
      layouts.put(PRE_NORM, norm(config, PRE_NORM));
    }
    for (int i = 0; i < config.numBuiltLayers(); i++) {
      layouts.put(ENCODER_LAYER + i, encoderLayer(config, ENCODER_LAYER + i));
    }
    if (config.hasPostNorm()) {
      layouts.put(POST_NORM, norm(config, POST_NORM));
    }
    return layouts;
  }

  private static SegmentLayout embeddings(VisionConfig config) {
    VisionFamily family = config.family();
    int d = config.hiddenSize();
    int p = config.patchSize();
    SegmentLayout layout =
        new SegmentLayout()
            .operand(
                "w",
                matrix(EMBEDDINGS + ".patch_embedding.weight", d, VisionConfig.NUM_CHANNELS, p, p))
            .operand(
                "w",
                patchPositions(
                    EMBEDDINGS + ".position_embedding.weight",
                    config.numLeadingTokens(),
                    config.gridSide(),
                    d));
    return layout
        .operandIf(family.hasPatchBias(), "bias", zeros(EMBEDDINGS + ".patch_embedding.bias", d))
        .operandIf(
            family.hasClassToken(), "class_token", classToken(EMBEDDINGS + ".class_embedding", d));
  }

  private static SegmentLayout encoderLayer(VisionConfig config, String name) {
    String attention = name + ".self_attn.";
    int d = config.hiddenSize();
    int f = config.intermediateSize();
    SegmentLayout layout =
        new SegmentLayout()
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
    norm(layout, config, "norm1", name + ".layer_norm1");
    norm(layout, config, "norm2", name + ".layer_norm2");
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
    return layout;
  }

  private static SegmentLayout norm(VisionConfig config, String name) {
    SegmentLayout layout = new SegmentLayout();
    norm(layout, config, "w", name);
    return layout;
  }

  private static void norm(
      SegmentLayout layout, VisionConfig config, String argument, String name) {
    layout.operand(argument, ones(name + ".weight", config.hiddenSize()));
    if (config.normType() == VisionNorm.LAYER_NORM) {
      layout.operand(argument, zeros(name + ".bias", config.hiddenSize()));
    }
  }

  private Layer layer(String name, Segment segment) {
    if (name.equals(EMBEDDINGS)) {
      return new Embeddings(
          this,
          segment,
          segment.argument("w"),
          segment.argument("bias"),
          segment.argument("class_token"));
    } else if (name.equals(PRE_NORM) || name.equals(POST_NORM)) {
      return new Norm(this, segment);
    }
    boolean last = name.equals(ENCODER_LAYER + (config.numBuiltLayers() - 1));
    return new EncoderLayer(
        this,
        segment,
        segment.argument("w"),
        segment.argument("b"),
        segment.argument("qkv_bias"),
        segment.argument("norm1"),
        segment.argument("norm2"),
        segment.argument("qk_norm"),
        segment.argument("scale"),
        last ? config.numLeadingTokens() : 0);
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
      return tower.kernels.call(owner, "vision_layer", arguments(x_ITD));
    }

    @Override
    public NDList record(NDManager owner, NDArray x_ITD) {
      return new NDList(
          tower.kernels.callForList(owner, "vision_layer_recorded", arguments(x_ITD)));
    }

    private Object[] arguments(NDArray x_ITD) {
      return new Object[] {
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
        tower.type
      };
    }

    @Override
    public NDArray[] addGradients(
        KernelLibrary kernels, NDManager owner, NDList recorded, NDList inputs, NDArray dy) {
      TrainingState training = segment.training();
      return kernels.callForList(
          owner,
          "vision_layer_vjp",
          recorded,
          inputs,
          training.leaves(),
          dy,
          training.leafGradients(),
          tower.type);
    }
  }

  private record Norm(VisionTower tower, Segment segment) implements Layer {
    @Override
    public NDArray forward(NDManager owner, NDArray x_ITD) {
      return tower.kernels.call(
          owner, "vision_norm", x_ITD, segment.given(), tower.config.layerNormEps());
    }
  }
}
