package io.tokenflex.model;

import ai.djl.ndarray.types.Shape;

/**
 * A named parameter inside a segment, under the name that Hugging Face gives it.
 *
 * @param name full tensor name, for instance {@code language_model.model.norm.weight}
 * @param initialization how a model trained from scratch starts
 */
public record ParameterSpec(String name, Shape shape, Initialization initialization) {

  /** Whether AdamW decays it: matrices and tables, not norms and biases. */
  public boolean decayed() {
    return shape.dimension() > 1;
  }

  /**
   * Whether it is the weight of a linear layer: a matrix that multiplies, not a table that is
   * looked up (the LM head, which may be such a table, does not count).
   */
  public boolean isLinear() {
    return shape.dimension() == 2 && initialization instanceof Initialization.FanIn;
  }
}
