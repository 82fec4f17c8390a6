package io.tokenflex.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.model.Segment;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW (Loshchilov and Hutter 2019) over flat arrays, with PyTorch's fused kernel.
 *
 * <p>State: first and second moments, two arrays per segment, as in {@code torch.optim.AdamW}.
 */
public final class AdamW {
  private final KernelLibrary kernels;
  private final OptimizerConfig config;
  private final List<Segment> segments;
  private final List<NDArray> firstMoments = new ArrayList<>();
  private final List<NDArray> secondMoments = new ArrayList<>();
  private final Slices decayed = new Slices();
  private final Slices plain = new Slices();

  /** Views of weights, gradients and moments with the same weight decay. */
  private static final class Slices {
    final NDList weights = new NDList();
    final NDList gradients = new NDList();
    final NDList firstMoments = new NDList();
    final NDList secondMoments = new NDList();
  }

  /** Creates an optimizer with zero moments; all {@code segments} must have gradients. */
  public AdamW(
      NDManager manager, KernelLibrary kernels, List<Segment> segments, OptimizerConfig config) {
    this.kernels = kernels;
    this.config = config;
    this.segments = List.copyOf(segments);
    for (Segment segment : segments) {
      Shape shape = new Shape(segment.numElements());
      NDArray first = manager.zeros(shape, DataType.FLOAT32);
      NDArray second = manager.zeros(shape, DataType.FLOAT32);
      firstMoments.add(first);
      secondMoments.add(second);
      addWindows(decayed, segment, first, second, 0, segment.numDecayed());
      addWindows(plain, segment, first, second, segment.numDecayed(), segment.numElements());
    }
  }

  private static void addWindows(
      Slices slices, Segment segment, NDArray first, NDArray second, long from, long to) {
    if (from < to) {
      Shape shape = new Shape(to - from);
      slices.weights.add(segment.window(segment.weights(), from, shape));
      slices.gradients.add(segment.window(segment.gradients(), from, shape));
      slices.firstMoments.add(segment.window(first, from, shape));
      slices.secondMoments.add(segment.window(second, from, shape));
    }
  }

  /** Segments in the order of the moments. */
  public List<Segment> segments() {
    return segments;
  }

  /** Flat first moments (exp_avg), one slice per segment. */
  public List<NDArray> firstMoments() {
    return firstMoments;
  }

  /** Flat second moments (exp_avg_sq), one slice per segment. */
  public List<NDArray> secondMoments() {
    return secondMoments;
  }

  /**
   * Divides the gradients in place and updates all weights; changes nothing where {@code division}
   * says that there is nothing to learn from.
   *
   * @param division of {@link GradientClipper#division}
   * @param update number of this update, counted from 1; used for bias correction
   */
  public void update(NDList division, long update, double learningRate) {
    apply(decayed, division, update, learningRate, config.weightDecay());
    apply(plain, division, update, learningRate, 0.0);
  }

  private void apply(
      Slices slices, NDList division, long update, double learningRate, double weightDecay) {
    if (slices.weights.isEmpty()) {
      return;
    }
    kernels.run(
        "adamw_",
        slices.weights,
        slices.gradients,
        slices.firstMoments,
        slices.secondMoments,
        division,
        update,
        learningRate,
        config.beta1(),
        config.beta2(),
        weightDecay,
        config.epsilon());
  }
}
