package io.tokenflex.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a layer's parameters lie in a flat slice, written down line by line in storage order: one
 * operand of the kernel a line, with the parameters that it stacks and the kernel's argument that
 * it belongs to. Decayed parameters come first.
 */
final class SegmentLayout {
  private final List<Shape> shapes = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();
  private final Map<ParameterSpec, Long> offsets = new LinkedHashMap<>();
  private long numElements;
  private long numDecayed;

  /**
   * An operand of one parameter or of several stacked along the first dimension.
   *
   * @param argument the kernel's list that it goes into, behind the earlier ones of that name
   */
  SegmentLayout operand(String argument, ParameterSpec... stacked) {
    long[] shape = stacked[0].shape().getShape().clone();
    shape[0] = Arrays.stream(stacked).mapToLong(spec -> spec.shape().get(0)).sum();
    for (ParameterSpec spec : stacked) {
      if (spec.decayed() && numDecayed < numElements) {
        throw new IllegalStateException(spec.name() + " is decayed but follows one that is not");
      }
      offsets.put(spec, numElements);
      numElements += spec.shape().size();
      numDecayed += spec.decayed() ? spec.shape().size() : 0;
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
    return List.copyOf(offsets.keySet());
  }

  /** The parameter of that name, if there is one. */
  Optional<ParameterSpec> spec(String parameter) {
    return offsets.keySet().stream().filter(spec -> spec.name().equals(parameter)).findFirst();
  }

  /** Where a parameter begins. */
  long offsetOf(ParameterSpec spec) {
    return offsets.get(spec);
  }

  /** The kernel's operands, in storage order; together they cover the slice. */
  List<Shape> operandShapes() {
    return Collections.unmodifiableList(shapes);
  }

  long numElements() {
    return numElements;
  }

  /** How many elements, from the start of a slice, weight decay applies to. */
  long numDecayed() {
    return numDecayed;
  }

  /** Allocates the parameters, all zero. */
  Segment allocate(NDManager manager, KernelLibrary kernels, String name) {
    return new Segment(manager, kernels, name, this);
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
