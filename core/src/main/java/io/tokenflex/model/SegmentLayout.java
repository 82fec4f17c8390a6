package io.tokenflex.model;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.List;

/** A kernel's operands in storage order, each with the parameters that it stacks. */
final class SegmentLayout {
  private final List<ParameterSpec> specs = new ArrayList<>();
  private final List<Shape> operandShapes = new ArrayList<>();

  /** An operand that spans these parameters, stacked along the first dimension. */
  SegmentLayout operand(ParameterSpec... stacked) {
    long[] shape = stacked[0].shape().getShape().clone();
    for (int i = 1; i < stacked.length; i++) {
      shape[0] += stacked[i].shape().get(0);
    }
    specs.addAll(List.of(stacked));
    operandShapes.add(new Shape(shape));
    return this;
  }

  /** An operand that only some families have. */
  SegmentLayout operandIf(boolean present, ParameterSpec... stacked) {
    return present ? operand(stacked) : this;
  }

  Segment allocate(NDManager manager, KernelLibrary kernels, String name) {
    return new Segment(manager, kernels, name, specs, operandShapes);
  }
}
