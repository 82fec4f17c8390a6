package io.tokenflex.model;

import static io.tokenflex.model.Specs.matrix;
import static io.tokenflex.model.Specs.ones;
import static io.tokenflex.model.Specs.zeros;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.tokens.VisionTokenCount;

/**
 * The token-adaptive projector: features_IPDv -> vision_IVD for any square V.
 *
 * <p>Pooling to side x side, LayerNorm, then SwiGLU {@code g(silu(f1 x) * f2 x)} (TokenFLEX, arXiv
 * 2504.03154, section 3.3; parameter names as in the published Ristretto-3B).
 */
final class Projector {
  static final String NAME = "projector";

  private final KernelLibrary kernels;
  private final ModelConfig config;
  private final ComputeType type;
  private final Segment segment;

  Projector(NDManager manager, KernelLibrary kernels, ModelConfig config, ComputeType type) {
    this.kernels = kernels;
    this.config = config;
    this.type = type;
    this.segment = layout(config).allocate(manager, kernels, NAME);
  }

  /** The parameters. */
  static SegmentLayout layout(ModelConfig config) {
    int dv = config.vision().hiddenSize();
    int d = config.language().hiddenSize();
    int f = config.projector().intermediateSize();
    return new SegmentLayout()
        .operand("w", matrix(NAME + ".f1.weight", f, dv), matrix(NAME + ".f2.weight", f, dv))
        .operand("w", matrix(NAME + ".g.weight", d, f))
        .operand("w", zeros(NAME + ".f1.bias", f), zeros(NAME + ".f2.bias", f))
        .operand("w", zeros(NAME + ".g.bias", d))
        .operand("w", ones(NAME + ".layernorm.weight", dv))
        .operand("w", zeros(NAME + ".layernorm.bias", dv));
  }

  Segment segment() {
    return segment;
  }

  /** The projector as a layer for one vision token count. */
  Layer at(VisionTokenCount count) {
    return new AtCount(this, count);
  }

  private record AtCount(Projector projector, VisionTokenCount count) implements Layer {
    @Override
    public Segment segment() {
      return projector.segment;
    }

    @Override
    public NDArray forward(NDManager owner, NDArray x_IPD) {
      int gridSide = projector.config.vision().gridSide();
      return projector.kernels.call(
          owner,
          "projector",
          x_IPD,
          projector.segment.given(),
          gridSide,
          gridSide,
          count.side(),
          projector.config.projector().pooling() == Pooling.INTERPOLATED,
          projector.config.projector().layerNormEps(),
          projector.type);
    }
  }
}
