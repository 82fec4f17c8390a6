package io.tokenflex.model;

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
 * Layout of a layer's parameters in a flat array, declared in storage order, one kernel operand per
 * call: the parameters it stacks and the kernel argument it belongs to. Parameters with weight
 * decay come first.
 */
final class SegmentLayout {
  private final List<Shape> shapes = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();
  private final List<List<ParameterSpec>> stacks = new ArrayList<>();
  private final Map<ParameterSpec, Long> offsets = new LinkedHashMap<>();
  private long numElements;
  private long numDecayed;

  /**
   * Adds an operand of one parameter, or of several stacked along the first dimension.
   *
   * @param argument the kernel's list argument to which the operand is appended
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
    stacks.add(List.of(stacked));
    return this;
  }

  /** Adds an operand that only some model families have. */
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

  /** Offset of a parameter's first element. */
  long offsetOf(ParameterSpec spec) {
    return offsets.get(spec);
  }

  /** Shapes of the kernel operands, in storage order; together they cover the array. */
  List<Shape> operandShapes() {
    return Collections.unmodifiableList(shapes);
  }

  long numElements() {
    return numElements;
  }

  /** Number of leading elements that weight decay applies to. */
  long numDecayed() {
    return numDecayed;
  }

  /** The parameters that each kernel operand stacks, in storage order. */
  List<List<ParameterSpec>> operandSpecs() {
    return Collections.unmodifiableList(stacks);
  }

  /** Names of the kernel arguments that the operands belong to, in storage order. */
  List<String> operandArguments() {
    return Collections.unmodifiableList(arguments);
  }

  /** Allocates a segment with all parameters zero. */
  Segment allocate(NDManager manager, KernelLibrary kernels, String name) {
    return new Segment(manager, kernels, name, this);
  }
}
