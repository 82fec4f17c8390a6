package io.tokenflex.model;

import ai.djl.ndarray.types.Shape;

/**
 * Parameter specifications with their initial values for training from scratch.
 *
 * <p>Matrices that write to the residual stream start small, so that every layer starts close to
 * the identity.
 */
final class Specs {
  private static final double RESIDUAL_GAIN = 0.3;
  private static final double TOKEN_STANDARD_DEVIATION = 0.2;
  private static final double POSITION_AMPLITUDE = 2 * Math.sqrt(2);

  /** {@code initializer_factor} of InternViT. */
  private static final float LAYER_SCALE_START = 0.1f;

  private Specs() {}

  static ParameterSpec matrix(String name, long... shape) {
    return new ParameterSpec(name, new Shape(shape), new Initialization.FanIn(1));
  }

  /** A matrix whose output is added to the residual stream. */
  static ParameterSpec residualMatrix(String name, long... shape) {
    return new ParameterSpec(name, new Shape(shape), new Initialization.FanIn(RESIDUAL_GAIN));
  }

  static ParameterSpec tokenTable(String name, long vocabSize, long hiddenSize) {
    return new ParameterSpec(
        name,
        new Shape(vocabSize, hiddenSize),
        new Initialization.Normal(TOKEN_STANDARD_DEVIATION));
  }

  /** Position embeddings of a square patch grid, after {@code leading} rows for other tokens. */
  static ParameterSpec patchPositions(String name, int leading, int gridSide, long hiddenSize) {
    return new ParameterSpec(
        name,
        new Shape(leading + (long) gridSide * gridSide, hiddenSize),
        new Initialization.SinCosGrid(leading, gridSide, POSITION_AMPLITUDE));
  }

  static ParameterSpec classToken(String name, long hiddenSize) {
    return new ParameterSpec(
        name, new Shape(hiddenSize), new Initialization.Normal(1 / Math.sqrt((double) hiddenSize)));
  }

  static ParameterSpec layerScale(String name, long hiddenSize) {
    return new ParameterSpec(
        name, new Shape(hiddenSize), new Initialization.Constant(LAYER_SCALE_START));
  }

  static ParameterSpec ones(String name, long size) {
    return new ParameterSpec(name, new Shape(size), new Initialization.Constant(1));
  }

  static ParameterSpec zeros(String name, long size) {
    return new ParameterSpec(name, new Shape(size), new Initialization.Constant(0));
  }
}
