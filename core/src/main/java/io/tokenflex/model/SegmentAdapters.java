package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.List;

/**
 * The low-rank adapters of one segment's linear layers; see {@link LowRankAdapters}.
 *
 * <p>A backward pass adds the gradient of W' to a scratch buffer that all segments share. From
 * there it is projected onto A and B, and the scratch is zeroed before the next segment uses it.
 */
final class SegmentAdapters {
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";
  private static final String WEIGHT = ".weight";

  private final KernelLibrary kernels;
  private final double scale;
  private final Segment parameters;
  private final Segment segment;
  private final List<Integer> leaves = new ArrayList<>();
  private final NDList leafGradients = new NDList();
  private final NDList weights = new NDList();
  private final NDList bases = new NDList();
  private final NDList scratchGradients = new NDList();
  private final NDList as = new NDList();
  private final NDList bs = new NDList();
  private final NDList aGradients = new NDList();
  private final NDList bGradients = new NDList();

  /**
   * Creates adapters for {@code adapted}, parameters of {@code segment}.
   *
   * @param scratch at least {@link #scratchElements} elements, all zero between uses
   */
  SegmentAdapters(
      NDManager manager,
      KernelLibrary kernels,
      Segment segment,
      List<ParameterSpec> adapted,
      int rank,
      double scale,
      NDArray scratch) {
    this.kernels = kernels;
    this.scale = scale;
    this.segment = segment;
    SegmentLayout layout = new SegmentLayout();
    for (ParameterSpec spec : adapted) {
      String layer = spec.name().substring(0, spec.name().length() - WEIGHT.length());
      Shape a = new Shape(rank, spec.shape().get(1));
      Shape b = new Shape(spec.shape().get(0), rank);
      layout.operand("a", new ParameterSpec(layer + A, a, new Initialization.UniformFanIn()));
      layout.operand("b", new ParameterSpec(layer + B, b, new Initialization.Constant(0)));
    }
    this.parameters = layout.allocate(manager, kernels, segment.name() + ".lora");
    parameters.enableTraining();
    addLeaves(segment, adapted, scratch);
    for (ParameterSpec spec : adapted) {
      weights.add(segment.window(segment.weights(), segment.offsetOf(spec), spec.shape()));
      bases.add(manager.zeros(spec.shape(), DataType.FLOAT32));
    }
    for (int i = 0; i < parameters.operands().size(); i += 2) {
      as.add(parameters.operands().get(i));
      bs.add(parameters.operands().get(i + 1));
      aGradients.add(parameters.gradientOperands().get(i));
      bGradients.add(parameters.gradientOperands().get(i + 1));
    }
  }

  /**
   * Marks the operands that contain adapted parameters as autograd leaves, with gradients in the
   * scratch buffer.
   */
  private void addLeaves(Segment segment, List<ParameterSpec> adapted, NDArray scratch) {
    long from = 0; // offset of the operand in the segment
    long used = 0; // offset in the scratch buffer
    for (int i = 0; i < segment.operands().size(); i++) {
      NDArray operand = segment.operands().get(i);
      long to = from + operand.size();
      boolean isAdapted = false;
      for (ParameterSpec spec : adapted) {
        long offset = segment.offsetOf(spec);
        if (offset >= from && offset < to) {
          isAdapted = true;
          scratchGradients.add(segment.window(scratch, used + offset - from, spec.shape()));
        }
      }
      if (isAdapted) {
        operand.setRequiresGradient(true);
        leaves.add(i);
        leafGradients.add(segment.window(scratch, used, operand.getShape()));
        used += operand.size();
      }
      from = to;
    }
  }

  /** Total size of the operands that contain {@code adapted}. */
  static long scratchElements(Segment segment, List<ParameterSpec> adapted) {
    long from = 0;
    long elements = 0;
    for (NDArray operand : segment.operands()) {
      long begin = from;
      long end = from + operand.size();
      if (adapted.stream()
          .mapToLong(segment::offsetOf)
          .anyMatch(offset -> offset >= begin && offset < end)) {
        elements += operand.size();
      }
      from = end;
    }
    return elements;
  }

  /** A and B of every adapted layer. */
  Segment parameters() {
    return parameters;
  }

  /** Operands, as kernels are given them, whose gradients a backward pass must compute. */
  NDList leaves() {
    NDList operands = new NDList();
    leaves.forEach(index -> operands.add(segment.given().get(index)));
    return operands;
  }

  /** Views of the scratch buffer that receive these gradients. */
  NDList leafGradients() {
    return leafGradients;
  }

  /**
   * Projects the gradients of all W' in the scratch buffer and zeroes it: dA += s Bᵀ dW', dB += s
   * dW' Aᵀ.
   */
  void takeGradients() {
    kernels.run("lora_gradients_", scratchGradients, as, bs, aGradients, bGradients, scale);
    kernels.run("zero_", leafGradients);
  }

  /** Copies the current weights as base weights W. */
  void keepBase() {
    for (int i = 0; i < weights.size(); i++) {
      kernels.run("copy_", bases.get(i), weights.get(i));
    }
  }

  /** W' = W + s B A. */
  void merge() {
    kernels.run("lora_merge_", weights, bases, as, bs, scale);
  }
}
