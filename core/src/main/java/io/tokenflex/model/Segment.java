package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.List;

/**
 * One layer's parameters: a contiguous fp32 slice of weights and one of gradients.
 *
 * <p>Named parameters and kernel operands are windows of the slices. An operand may span neighbours
 * (q, k and v stacked to one matrix). Decayed parameters come first, so that weight decay is a
 * property of two windows, not of every parameter.
 */
public final class Segment {
  private final String name;
  private final List<ParameterSpec> specs;
  private final long numElements;
  private final long numDecayed;
  private final NDArray weights;
  private final NDList operands = new NDList();
  private final List<Shape> operandShapes;
  private final KernelLibrary kernels;
  private final NDManager manager;
  private NDArray gradients;
  private NDList gradientOperands;

  /**
   * Lays out the slices.
   *
   * @param specs in storage order: decayed ones first
   * @param operandShapes the kernel's operands in the same order; together they cover the slice
   */
  Segment(
      NDManager manager,
      KernelLibrary kernels,
      String name,
      List<ParameterSpec> specs,
      List<Shape> operandShapes) {
    this.name = name;
    this.specs = List.copyOf(specs);
    this.operandShapes = List.copyOf(operandShapes);
    this.kernels = kernels;
    this.manager = manager;
    this.numElements = specs.stream().mapToLong(spec -> spec.shape().size()).sum();
    this.numDecayed =
        specs.stream().filter(ParameterSpec::decayed).mapToLong(spec -> spec.shape().size()).sum();
    checkLayout();
    this.weights = manager.zeros(new Shape(numElements), DataType.FLOAT32);
    long offset = 0;
    for (Shape shape : operandShapes) {
      operands.add(window(weights, offset, shape));
      offset += shape.size();
    }
  }

  private void checkLayout() {
    boolean plain = false;
    for (ParameterSpec spec : specs) {
      if (plain && spec.decayed()) {
        throw new IllegalStateException(
            "Segment " + name + ": " + spec.name() + " is decayed but follows one that is not");
      }
      plain |= !spec.decayed();
    }
    long covered = operandShapes.stream().mapToLong(Shape::size).sum();
    if (covered != numElements) {
      throw new IllegalStateException(
          "Segment %s: operands cover %d of %d elements".formatted(name, covered, numElements));
    }
  }

  public String name() {
    return name;
  }

  /** The named parameters, in storage order. */
  public List<ParameterSpec> specs() {
    return specs;
  }

  public long numElements() {
    return numElements;
  }

  /** How many elements, from the start of the slice, weight decay applies to. */
  public long numDecayed() {
    return numDecayed;
  }

  /** Flat weights, fp32, shape (numElements). */
  public NDArray weights() {
    return weights;
  }

  /**
   * Allocates the gradients and makes the operands leaves of the graphs that kernels record. A
   * segment that never trains needs neither.
   */
  public void enableTraining() {
    if (gradients != null) {
      return;
    }
    gradients = manager.zeros(new Shape(numElements), DataType.FLOAT32);
    gradientOperands = new NDList();
    long offset = 0;
    for (Shape shape : operandShapes) {
      gradientOperands.add(window(gradients, offset, shape));
      offset += shape.size();
    }
    for (NDArray operand : operands) {
      operand.setRequiresGradient(true);
    }
  }

  /** Whether {@link #enableTraining} was called. */
  public boolean trains() {
    return gradients != null;
  }

  /**
   * Flat gradients, fp32, shape (numElements).
   *
   * @throws IllegalStateException if the segment does not train
   */
  public NDArray gradients() {
    if (gradients == null) {
      throw new IllegalStateException("Segment " + name + " is frozen: it has no gradients");
    }
    return gradients;
  }

  /** The kernel's weights, windows of {@link #weights()}. */
  public NDList operands() {
    return operands;
  }

  /** Windows of {@link #gradients()} that match {@link #operands()}; empty when frozen. */
  public NDList gradientOperands() {
    return trains() ? gradientOperands : new NDList();
  }

  /** One operand's gradient as a list for a kernel; empty when frozen. */
  NDList gradientOperand(int index) {
    return trains() ? new NDList(gradientOperands.get(index)) : new NDList();
  }

  /** The named parameters as windows of {@code slice}, which is this segment's in shape. */
  List<NDArray> named(NDArray slice) {
    List<NDArray> windows = new ArrayList<>();
    long offset = 0;
    for (ParameterSpec spec : specs) {
      windows.add(window(slice, offset, spec.shape()));
      offset += spec.shape().size();
    }
    return windows;
  }

  /** Overwrites one of the named parameters. */
  void set(ParameterSpec spec, float[] values) {
    long offset = 0;
    for (ParameterSpec before : specs.subList(0, specs.indexOf(spec))) {
      offset += before.shape().size();
    }
    overwrite(weights, offset, values);
  }

  /** Overwrites part of one of this segment's slices. */
  public void overwrite(NDArray slice, long offset, float[] values) {
    try (NDArray source = HostArrays.of(manager, values, new Shape(values.length));
        NDArray window = window(slice, offset, source.getShape())) {
      kernels.run("copy_", window, source);
    }
  }

  /** A window of one of this segment's slices. */
  public NDArray window(NDArray slice, long offset, Shape shape) {
    return kernels.call(manager, "view", slice, offset, shape.getShape());
  }

  @Override
  public String toString() {
    return name + " (" + numElements + " elements)";
  }
}
