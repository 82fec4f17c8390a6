package io.tokenflex.model;

import ai.djl.ndarray.types.Shape;

/**
 * Short ways to name a parameter with its start for training from scratch.
 *
 * <p>What feeds the residual stream starts small, so that every layer begins close to the identity.
 */
final class Specs {
  private static final double RESIDUAL_GAIN = 0.3;
  private static final double TOKEN_STANDARD_DEVIATION = 0.2;
  private static final double POSITION_AMPLITUDE = 2 * Math.sqrt(2);

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

  static ParameterSpec patchPositions(String name, int gridSide, long hiddenSize) {
    return new ParameterSpec(
        name,
        new Shape((long) gridSide * gridSide, hiddenSize),
        new Initialization.SinCosGrid(gridSide, POSITION_AMPLITUDE));
  }

  static ParameterSpec ones(String name, long size) {
    return new ParameterSpec(name, new Shape(size), new Initialization.Constant(1));
  }

  static ParameterSpec zeros(String name, long size) {
    return new ParameterSpec(name, new Shape(size), new Initialization.Constant(0));
  }
}
