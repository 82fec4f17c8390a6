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
 * One layer's parameters: a layout, a contiguous fp32 slice of weights in it and, where the layer
 * trains, what its {@link TrainingState} holds.
 *
 * <p>Named parameters and kernel operands are windows of the slices. An operand may span neighbours
 * (q, k and v stacked to one matrix). Decayed parameters come first, so that weight decay is a
 * property of two windows, not of every parameter.
 */
public final class Segment {
  /** Elements copied at once: their bytes fit into a Java buffer, which ends at 2 GiB. */
  private static final int MAX_COPIED = 1 << 28;

  private final String name;
  private final SegmentLayout layout;
  private final KernelLibrary kernels;
  private final NDManager manager;
  private final Slice weights;
  private TrainingState training = new TrainingState.Frozen();

  /** Weights of zero in {@code layout}, which must not change any more. */
  Segment(NDManager manager, KernelLibrary kernels, String name, SegmentLayout layout) {
    this.name = name;
    this.layout = layout;
    this.kernels = kernels;
    this.manager = manager;
    this.weights = allocate();
  }

  private Slice allocate() {
    NDArray values = manager.zeros(new Shape(layout.numElements()), DataType.FLOAT32);
    NDList operands = new NDList();
    long offset = 0;
    for (Shape shape : layout.operandShapes()) {
      operands.add(window(values, offset, shape));
      offset += shape.size();
    }
    return new Slice(values, operands);
  }

  public String name() {
    return name;
  }

  /** The named parameters, in storage order. */
  public List<ParameterSpec> specs() {
    return layout.specs();
  }

  public long numElements() {
    return layout.numElements();
  }

  /** How many elements, from the start of the slice, weight decay applies to. */
  public long numDecayed() {
    return layout.numDecayed();
  }

  /** Flat weights, fp32, shape (numElements). */
  public NDArray weights() {
    return weights.values();
  }

  /**
   * Allocates the gradients and makes the operands leaves of the graphs that kernels record. A
   * segment that never trains needs neither.
   *
   * @throws IllegalStateException if adapters train instead
   */
  public void enableTraining() {
    if (training instanceof TrainingState.Adapted) {
      throw new IllegalStateException("Segment " + name + " trains by its adapters");
    }
    if (training instanceof TrainingState.Frozen) {
      training = new TrainingState.Full(this, allocate());
      operands().forEach(operand -> operand.setRequiresGradient(true));
    }
  }

  /** Lets the layers' adapters train instead of the layers. */
  void adapt(SegmentAdapters adapters) {
    if (trains()) {
      throw new IllegalStateException("Segment " + name + " trains already; it takes no adapters");
    }
    training = new TrainingState.Adapted(adapters);
  }

  /** Whether training changes what the segment computes: by its own parameters or by adapters. */
  public boolean trains() {
    return trained().isPresent();
  }

  /** Whose gradients training needs: this segment's, its adapters', or none. */
  public Optional<Segment> trained() {
    return training.trained();
  }

  /** How a backward pass reaches what trains. */
  TrainingState training() {
    return training;
  }

  /**
   * Flat gradients, fp32, shape (numElements).
   *
   * @throws IllegalStateException if the segment's own parameters do not train
   */
  public NDArray gradients() {
    if (training instanceof TrainingState.Full full) {
      return full.gradients().values();
    }
    throw new IllegalStateException("Segment " + name + " has no gradients of its own");
  }

  /** The kernel's weights, windows of {@link #weights()}. */
  public NDList operands() {
    return weights.operands();
  }

  /** Windows of {@link #gradients()} that match {@link #operands()}; empty without gradients. */
  NDList gradientOperands() {
    return training instanceof TrainingState.Full full ? full.gradients().operands() : new NDList();
  }

  /** One operand's gradient as a list for a kernel; empty without gradients. */
  NDList gradientOperand(int index) {
    NDList gradients = gradientOperands();
    return gradients.isEmpty() ? gradients : new NDList(gradients.get(index));
  }

  /** Every parameter by name, in storage order, as windows of the weights. */
  public Map<String, NDArray> namedWeights() {
    return named(weights());
  }

  /** Every parameter's gradient by name, as windows of the gradients. */
  Map<String, NDArray> namedGradients() {
    return named(gradients());
  }

  private Map<String, NDArray> named(NDArray slice) {
    Map<String, NDArray> windows = new LinkedHashMap<>();
    for (ParameterSpec spec : layout.specs()) {
      windows.put(spec.name(), window(slice, layout.offsetOf(spec), spec.shape()));
    }
    return windows;
  }

  /** The parameter of that name, if it is one of this segment's. */
  Optional<ParameterSpec> spec(String parameter) {
    return layout.spec(parameter);
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
    overwrite(weights(), offsetOf(spec) + from, values);
  }

  /** Fills every parameter as its specification says; a pure function of the seed and the names. */
  void initialize(long seed) {
    for (ParameterSpec spec : layout.specs()) {
      RandomGenerator random = SeededHash.of(seed, spec.name()).toRandom();
      set(spec, spec.initialization().values(spec.shape(), random));
    }
  }

  /** Where a parameter begins in the slices. */
  long offsetOf(ParameterSpec spec) {
    return layout.offsetOf(spec);
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
    return name + " (" + numElements() + " elements)";
  }
}
