package io.tokenflex.model;

import static io.tokenflex.model.Specs.matrix;
import static io.tokenflex.model.Specs.ones;
import static io.tokenflex.model.Specs.patchPositions;
import static io.tokenflex.model.Specs.residualMatrix;
import static io.tokenflex.model.Specs.zeros;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.List;

/**
 * The vision transformer: pixels_ICYX -> features_IPD.
 *
 * <p>Computes what Hugging Face's {@code SiglipVisionModel} returns as {@code last_hidden_state}
 * (transformers, models/siglip/modeling_siglip.py).
 */
final class VisionTower {
  private static final String PREFIX = "vision_model.";

  private final List<Layer> layers = new ArrayList<>();

  VisionTower(NDManager manager, KernelLibrary kernels, VisionConfig config, ComputeType type) {
    layers.add(new Embeddings(kernels, config, type, embeddings(manager, kernels, config)));
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      Segment segment = encoderLayer(manager, kernels, config, PREFIX + "encoder.layers." + i);
      layers.add(new EncoderLayer(kernels, config, type, segment));
    }
    layers.add(new PostNorm(kernels, config, type, postNorm(manager, kernels, config)));
  }

  /** From pixels to features, in forward order. */
  List<Layer> layers() {
    return layers;
  }

  private static Segment embeddings(NDManager manager, KernelLibrary kernels, VisionConfig config) {
    String name = PREFIX + "embeddings";
    int d = config.hiddenSize();
    int p = config.patchSize();
    List<ParameterSpec> specs =
        List.of(
            matrix(name + ".patch_embedding.weight", d, VisionConfig.NUM_CHANNELS, p, p),
            patchPositions(name + ".position_embedding.weight", config.gridSide(), d),
            zeros(name + ".patch_embedding.bias", d));
    return new Segment(
        manager,
        kernels,
        name,
        specs,
        List.of(
            new Shape(d, VisionConfig.NUM_CHANNELS, p, p),
            new Shape(config.numPatches(), d),
            new Shape(d)));
  }

  private static Segment encoderLayer(
      NDManager manager, KernelLibrary kernels, VisionConfig config, String name) {
    int d = config.hiddenSize();
    int f = config.intermediateSize();
    String attention = name + ".self_attn.";
    List<ParameterSpec> specs =
        List.of(
            matrix(attention + "q_proj.weight", d, d),
            matrix(attention + "k_proj.weight", d, d),
            matrix(attention + "v_proj.weight", d, d),
            residualMatrix(attention + "out_proj.weight", d, d),
            matrix(name + ".mlp.fc1.weight", f, d),
            residualMatrix(name + ".mlp.fc2.weight", d, f),
            zeros(attention + "q_proj.bias", d),
            zeros(attention + "k_proj.bias", d),
            zeros(attention + "v_proj.bias", d),
            zeros(attention + "out_proj.bias", d),
            zeros(name + ".mlp.fc1.bias", f),
            zeros(name + ".mlp.fc2.bias", d),
            ones(name + ".layer_norm1.weight", d),
            zeros(name + ".layer_norm1.bias", d),
            ones(name + ".layer_norm2.weight", d),
            zeros(name + ".layer_norm2.bias", d));
    return new Segment(
        manager,
        kernels,
        name,
        specs,
        List.of(
            new Shape(3L * d, d),
            new Shape(d, d),
            new Shape(f, d),
            new Shape(d, f),
            new Shape(3L * d),
            new Shape(d),
            new Shape(f),
            new Shape(d),
            new Shape(d),
            new Shape(d),
            new Shape(d),
            new Shape(d)));
  }

  private static Segment postNorm(NDManager manager, KernelLibrary kernels, VisionConfig config) {
    String name = PREFIX + "post_layernorm";
    int d = config.hiddenSize();
    return new Segment(
        manager,
        kernels,
        name,
        List.of(ones(name + ".weight", d), zeros(name + ".bias", d)),
        List.of(new Shape(d), new Shape(d)));
  }

  private record Embeddings(
      KernelLibrary kernels, VisionConfig config, ComputeType type, Segment segment)
      implements Layer {
    @Override
    public NDArray forward(NDManager owner, NDArray pixels_ICYX) {
      return kernels.call(
          owner, "vision_embeddings", pixels_ICYX, segment.operands(), config.patchSize(), type);
    }
  }

  private record EncoderLayer(
      KernelLibrary kernels, VisionConfig config, ComputeType type, Segment segment)
      implements Layer {
    @Override
    public NDArray forward(NDManager owner, NDArray x_IPD) {
      return kernels.call(
          owner,
          "vision_layer",
          x_IPD,
          segment.operands(),
          config.numAttentionHeads(),
          config.layerNormEps(),
          type);
    }
  }

  private record PostNorm(
      KernelLibrary kernels, VisionConfig config, ComputeType type, Segment segment)
      implements Layer {
    @Override
    public NDArray forward(NDManager owner, NDArray x_IPD) {
      return kernels.call(
          owner, "vision_norm", x_IPD, segment.operands(), config.layerNormEps(), type);
    }
  }
}
