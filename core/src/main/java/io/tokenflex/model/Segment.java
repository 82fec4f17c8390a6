package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.random.SeededHash;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The parameters of one layer: a layout, a contiguous fp32 array of weights and, if the layer
 * trains, its {@link TrainingState}.
 *
 * <p>Named parameters and kernel operands are views of these arrays. An operand may span adjacent
 * parameters (q, k and v stacked into one matrix). Parameters with weight decay come first, so that
 * decay applies to one contiguous range.
 */
public final class Segment {
  /** Maximum number of elements copied at once; a Java buffer is limited to 2 GiB. */
  private static final int MAX_COPIED = 1 << 28;

  private final String name;
  private final SegmentLayout layout;
  private final KernelLibrary kernels;
  private final NDManager manager;
  private final Slice weights;
  private final NDList given = new NDList();
  private final Map<String, NDList> arguments = new LinkedHashMap<>();
  private boolean packed;
  private TrainingState training = new TrainingState.Frozen();

  /** Creates a segment with all weights zero; {@code layout} must not change afterwards. */
  Segment(NDManager manager, KernelLibrary kernels, String name, SegmentLayout layout) {
    this.name = name;
    this.layout = layout;
    this.kernels = kernels;
    this.manager = manager;
    this.weights = allocate();
    given.addAll(operands());
    for (int i = 0; i < given.size(); i++) {
      arguments
          .computeIfAbsent(layout.operandArguments().get(i), argument -> new NDList())
          .add(given.get(i));
    }
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

  /** Number of leading elements that weight decay applies to. */
  public long numDecayed() {
    return layout.numDecayed();
  }

  /**
   * Flat weights, fp32, shape (numElements).
   *
   * @throws IllegalStateException after {@link #pack}
   */
  public NDArray weights() {
    if (packed) {
      throw new IllegalStateException(
          "The weights of segment " + name + " are packed for generation; load the model again");
    }
    return weights.values();
  }

  /**
   * The operands of one kernel argument; may be empty. {@link #pack} and {@link #giveCopies} change
   * what is in it.
   */
  NDList argument(String argument) {
    return arguments.getOrDefault(argument, new NDList());
  }

  /** All operands as kernels are given them, in storage order; changed likewise. */
  NDList given() {
    return given;
  }

  private void give(int index, NDArray operand) {
    String replaced = given.get(index).getUid();
    arguments
        .values()
        .forEach(list -> list.replaceAll(old -> old.getUid().equals(replaced) ? operand : old));
    given.set(index, operand);
  }

  private boolean consistsOf(int index, Predicate<ParameterSpec> isFactor) {
    return layout.operandSpecs().get(index).stream().allMatch(isFactor);
  }

  /**
   * Gives kernels copies of the present weights in the compute type, until {@link #giveWeights}.
   * Gradients of a copy are added to those of its weights, in fp32.
   *
   * @param owner of the copies
   * @param isFactor whether a parameter is used in matrix products alone
   */
  void giveCopies(NDManager owner, ComputeType type, Predicate<ParameterSpec> isFactor) {
    List<Integer> factors =
        IntStream.range(0, given.size()).filter(i -> consistsOf(i, isFactor)).boxed().toList();
    if (factors.isEmpty()) {
      return;
    }
    NDList copied = new NDList();
    factors.forEach(index -> copied.add(operands().get(index)));
    NDArray[] copies = kernels.callForList(owner, "casts", copied, type);
    for (int i = 0; i < copies.length; i++) {
      give(factors.get(i), copies[i]);
    }
  }

  /** Gives kernels the weights themselves, which hold what {@link #giveCopies} copied. */
  void giveWeights() {
    for (int i = 0; i < given.size(); i++) {
      give(i, operands().get(i));
    }
  }

  /**
   * Replaces weights of matrix products by what is read fastest, in the compute type, and frees the
   * fp32 weights. From now on the segment can only be computed forwards, without autograd.
   *
   * @param isFactor whether a parameter is used in matrix products alone
   * @throws IllegalStateException if the segment trains
   */
  void pack(ComputeType type, Predicate<ParameterSpec> isFactor) {
    if (trains() || packed) {
      throw new IllegalStateException("Segment " + name + " trains or is packed already");
    }
    for (int i = 0; i < given.size(); i++) {
      NDArray operand = operands().get(i);
      NDArray replacement =
          consistsOf(i, isFactor)
              ? kernels.call(manager, "pack", operand, type)
              : operand.duplicate();
      replacement.attach(manager);
      give(i, replacement);
      operands().set(i, replacement);
      operand.close();
    }
    weights.values().close();
    packed = true;
  }

  /**
   * Allocates gradients and marks the operands as autograd leaves. Frozen segments need neither.
   *
   * @throws IllegalStateException if the segment has adapters
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

  /** Freezes the segment's own parameters and trains {@code adapters} instead. */
  void adapt(SegmentAdapters adapters) {
    if (trains()) {
      throw new IllegalStateException("Segment " + name + " trains already; it takes no adapters");
    }
    training = new TrainingState.Adapted(adapters);
  }

  /** Whether its own parameters or its adapters are trained. */
  public boolean trains() {
    return trained().isPresent();
  }

  /** The segment whose gradients are trained: this one, its adapters', or none. */
  public Optional<Segment> trained() {
    return training.trained();
  }

  /** What is trained, and where a backward pass writes its gradients. */
  TrainingState training() {
    return training;
  }

  /**
   * Flat gradients, fp32, shape (numElements).
   *
   * @throws IllegalStateException if the segment's own parameters are not trained
   */
  public NDArray gradients() {
    if (training instanceof TrainingState.Full full) {
      return full.gradients().values();
    }
    throw new IllegalStateException("Segment " + name + " has no gradients of its own");
  }

  /** Operands of the kernel, views of {@link #weights()}. */
  public NDList operands() {
    return weights.operands();
  }

  /** Views of {@link #gradients()} that match {@link #operands()}; empty without gradients. */
  NDList gradientOperands() {
    return training instanceof TrainingState.Full full ? full.gradients().operands() : new NDList();
  }

  /** The gradient of one operand, as a list for a kernel; empty without gradients. */
  NDList gradientOperand(int index) {
    NDList gradients = gradientOperands();
    return gradients.isEmpty() ? gradients : new NDList(gradients.get(index));
  }

  /** Parameters by name, in storage order, as views of the weights. */
  public Map<String, NDArray> namedWeights() {
    return named(weights());
  }

  /** Gradients of the parameters by name, as views of the gradients. */
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
   * Overwrites one parameter.
   *
   * @throws IllegalArgumentException if its size differs
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

  /** Overwrites elements of a parameter, starting at {@code from}. */
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

  /** Initializes all parameters by their specifications; deterministic for a given seed. */
  void initialize(long seed) {
    for (ParameterSpec spec : layout.specs()) {
      RandomGenerator random = SeededHash.of(seed, spec.name()).toRandom();
      set(spec, spec.initialization().values(spec.shape(), random));
    }
  }

  /** Offset of a parameter's first element. */
  long offsetOf(ParameterSpec spec) {
    return layout.offsetOf(spec);
  }

  /** Overwrites elements of one of this segment's arrays, starting at {@code offset}. */
  public void overwrite(NDArray slice, long offset, float[] values) {
    overwrite(slice, offset, values, MAX_COPIED);
  }

  /** As above, copying at most {@code maxCopied} elements at a time. */
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
        return; // offset + step would overflow near the maximum length
      }
    }
  }

  /** A view of one of this segment's arrays. */
  public NDArray window(NDArray slice, long offset, Shape shape) {
    return kernels.call(manager, "view", slice, offset, shape.getShape());
  }

  @Override
  public String toString() {
    return name + " (" + numElements() + " elements)";
  }
}
