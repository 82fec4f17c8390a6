package io.tokenflex.model;

import ai.djl.ndarray.types.Shape;

/**
 * A named parameter of a segment.
 *
 * @param name full tensor name as in Hugging Face models, for instance {@code
 *     language_model.model.norm.weight}
 * @param initialization initial values when training from scratch
 */
public record ParameterSpec(String name, Shape shape, Initialization initialization) {

  /** Whether weight decay applies: to matrices and embedding tables, not to norms and biases. */
  public boolean decayed() {
    return shape.dimension() > 1;
  }

  /**
   * Whether it is the weight matrix of a linear layer. False for embedding tables, and for the LM
   * head, which may be tied to one.
   */
  public boolean isLinear() {
    return shape.dimension() == 2 && initialization instanceof Initialization.FanIn;
  }
}
