package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.random.SeededHash;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * One layer's parameters: a contiguous fp32 slice of weights and one of gradients.
 *
 * <p>Named parameters and kernel operands are windows of the slices. An operand may span neighbours
 * (q, k and v stacked to one matrix). Decayed parameters come first, so that weight decay is a
 * property of two windows, not of every parameter.
 */
public final class Segment {
  /** Elements copied at once: their bytes fit into a Java buffer, which ends at 2 GiB. */
  private static final int MAX_COPIED = 1 << 28;

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
  private SegmentAdapters adapters;

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
          String.format(
              Locale.ROOT,
              "Segment %s: operands cover %d of %d elements",
              name,
              covered,
              numElements));
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
    if (adapters != null) {
      throw new IllegalStateException("Segment " + name + " trains by its adapters");
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

  /** Lets the layers' adapters train instead of the layers. */
  void adapt(SegmentAdapters adapters) {
    if (trains()) {
      throw new IllegalStateException("Segment " + name + " trains already; it takes no adapters");
    }
    this.adapters = adapters;
  }

  /** Whether training changes what the segment computes: by its own parameters or by adapters. */
  public boolean trains() {
    return gradients != null || adapters != null;
  }

  /** Whose gradients training needs: this segment's, its adapters', or none. */
  public Optional<Segment> trained() {
    if (adapters != null) {
      return Optional.of(adapters.parameters());
    }
    return gradients != null ? Optional.of(this) : Optional.empty();
  }

  /**
   * Flat gradients, fp32, shape (numElements).
   *
   * @throws IllegalStateException if the segment's own parameters do not train
   */
  public NDArray gradients() {
    if (gradients == null) {
      throw new IllegalStateException("Segment " + name + " has no gradients of its own");
    }
    return gradients;
  }

  /** The kernel's weights, windows of {@link #weights()}. */
  public NDList operands() {
    return operands;
  }

  /** The operands that a backward pass needs the gradients of; none when frozen. */
  NDList leaves() {
    if (adapters != null) {
      return adapters.leaves();
    }
    return gradients != null ? operands : new NDList();
  }

  /** Where a backward pass adds the gradients of {@link #leaves()}. */
  NDList leafGradients() {
    return adapters != null ? adapters.leafGradients() : gradientOperands();
  }

  /** To be called when a backward pass has added to {@link #leafGradients()}. */
  void gradientsAdded() {
    if (adapters != null) {
      adapters.takeGradients();
    }
  }

  /** Windows of {@link #gradients()} that match {@link #operands()}; empty without gradients. */
  public NDList gradientOperands() {
    return gradients != null ? gradientOperands : new NDList();
  }

  /** One operand's gradient as a list for a kernel; empty without gradients. */
  NDList gradientOperand(int index) {
    return gradients != null ? new NDList(gradientOperands.get(index)) : new NDList();
  }

  /** Every parameter by name, in storage order, as windows of the weights. */
  public Map<String, NDArray> namedWeights() {
    return named(weights);
  }

  /** Every parameter's gradient by name, as windows of the gradients. */
  Map<String, NDArray> namedGradients() {
    return named(gradients());
  }

  private Map<String, NDArray> named(NDArray slice) {
    Map<String, NDArray> windows = new LinkedHashMap<>();
    long offset = 0;
    for (ParameterSpec spec : specs) {
      windows.put(spec.name(), window(slice, offset, spec.shape()));
      offset += spec.shape().size();
    }
    return windows;
  }

  /** The parameter of that name, if it is one of this segment's. */
  Optional<ParameterSpec> spec(String parameter) {
    return specs.stream().filter(spec -> spec.name().equals(parameter)).findFirst();
  }

  /**
   * Overwrites one of this segment's parameters.
   *
   * @throws IllegalArgumentException if it has another size
   */
  public void set(ParameterSpec spec, float[] values) {
    if (spec.shape().size() != values.length) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Parameter %s has the shape %s; got %d values",
              spec.name(),
              spec.shape(),
              values.length));
    }
    set(spec, 0, values);
  }

  /** Overwrites the elements of a parameter from the given one on. */
  void set(ParameterSpec spec, long from, float[] values) {
    if (from < 0 || from > spec.shape().size() - values.length) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Parameter %s has the shape %s; got %d values from element %d on",
              spec.name(),
              spec.shape(),
              values.length,
              from));
    }
    overwrite(weights, offsetOf(spec) + from, values);
  }

  /** Fills every parameter as its specification says; a pure function of the seed and the names. */
  void initialize(long seed) {
    for (ParameterSpec spec : specs) {
      RandomGenerator random = SeededHash.of(seed, spec.name()).toRandom();
      set(spec, spec.initialization().values(spec.shape(), random));
    }
  }

  /** Where a parameter begins in the slices. */
  long offsetOf(ParameterSpec spec) {
    return specs.subList(0, specs.indexOf(spec)).stream()
        .mapToLong(before -> before.shape().size())
        .sum();
  }

  /** Overwrites part of one of this segment's slices. */
  public void overwrite(NDArray slice, long offset, float[] values) {
    overwrite(slice, offset, values, MAX_COPIED);
  }

  /** As above, {@code maxCopied} elements at a time. */
  void overwrite(NDArray slice, long offset, float[] values, int maxCopied) {
    for (int from = 0; from < values.length; from += maxCopied) {
      int count = Math.min(maxCopied, values.length - from);
      float[] piece =
          count == values.length ? values : Arrays.copyOfRange(values, from, from + count);
      try (NDArray source = HostArrays.of(manager, piece, new Shape(count));
          NDArray window = window(slice, offset + from, source.getShape())) {
        kernels.run("copy_", window, source);
      }
      if (count == values.length - from) {
        return; // the sum would overflow behind the longest array
      }
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
