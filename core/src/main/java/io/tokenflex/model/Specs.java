package io.tokenflex.model;

import ai.djl.ndarray.types.Shape;
import io.tokenflex.model.ParameterSpec.Initialization;

/** Short ways to name a parameter with its usual start. */
final class Specs {
  /** Hugging Face's {@code initializer_range}. */
  static final double STANDARD_DEVIATION = 0.02;

  private Specs() {}

  static ParameterSpec matrix(String name, long... shape) {
    return new ParameterSpec(name, new Shape(shape), new Initialization.Normal(STANDARD_DEVIATION));
  }

  static ParameterSpec ones(String name, long size) {
    return new ParameterSpec(name, new Shape(size), new Initialization.Constant(1));
  }

  static ParameterSpec zeros(String name, long size) {
    return new ParameterSpec(name, new Shape(size), new Initialization.Constant(0));
  }
}
