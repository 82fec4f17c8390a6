package io.tokenflex.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.List;

/**
 * A layer's parameters, written down line by line in storage order: one operand of the kernel a
 * line, with the parameters that it stacks and the kernel's argument that it belongs to.
 */
final class SegmentLayout {
  private final List<ParameterSpec> specs = new ArrayList<>();
  private final List<Shape> shapes = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();

  /**
   * An operand of one parameter or of several stacked along the first dimension.
   *
   * @param argument the kernel's list that it goes into, behind the earlier ones of that name
   */
  SegmentLayout operand(String argument, ParameterSpec... stacked) {
    long[] shape = stacked[0].shape().getShape().clone();
    shape[0] = 0;
    for (ParameterSpec spec : stacked) {
      shape[0] += spec.shape().get(0);
      specs.add(spec);
    }
    shapes.add(new Shape(shape));
    arguments.add(argument);
    return this;
  }

  /** An operand that only some families have. */
  SegmentLayout operandIf(boolean present, String argument, ParameterSpec... stacked) {
    return present ? operand(argument, stacked) : this;
  }

  /** The parameters, in storage order. */
  List<ParameterSpec> specs() {
    return specs;
  }

  /** Allocates the parameters, all zero. */
  Segment allocate(NDManager manager, KernelLibrary kernels, String name) {
    return new Segment(manager, kernels, name, specs, shapes);
  }

  /** The operands that {@code segment}, made of this layout, has for an argument; may be none. */
  NDList argument(Segment segment, String argument) {
    NDList operands = new NDList();
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).equals(argument)) {
        operands.add(segment.operands().get(i));
      }
    }
    return operands;
  }
}
