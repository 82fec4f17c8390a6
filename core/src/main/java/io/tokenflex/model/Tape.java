package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.GradMode;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * The activations of one forward pass through a run of layers, consumed by the backward pass.
 *
 * <p>Every layer has its own small graph: the border is cut, and the chain rule across layers is
 * this class walking backward. So a layer's gradients are final, and its activations are freed,
 * before the layer below starts. Chained this way the gradients are bit-identical to one graph over
 * all layers.
 */
final class Tape implements AutoCloseable {
  /** {@code recorded} is null where the layer is recomputed. */
  private record Entry(Layer layer, NDArray input, NDList recorded) {}

  private final KernelLibrary kernels;
  private final NDManager owner;
  private final ActivationPolicy policy;
  private final Deque<Entry> entries = new ArrayDeque<>();

  Tape(KernelLibrary kernels, NDManager step, ActivationPolicy policy) {
    this.kernels = kernels;
    this.owner = step.newSubManager();
    this.policy = policy;
  }

  /**
   * Runs a layer and remembers it.
   *
   * @return y, cut from its graph; valid until this tape is closed
   */
  NDArray apply(Layer layer, NDArray x) {
    NDArray input = kernels.call(owner, "leaf", x);
    if (policy == ActivationPolicy.RECOMPUTE) {
      entries.push(new Entry(layer, input, null));
      return GradMode.off(() -> layer.forward(owner, input));
    }
    NDList recorded = record(layer, input);
    entries.push(new Entry(layer, input, recorded));
    return recorded.get(0);
  }

  /** Runs a layer without remembering it while nothing up to and including it trains. */
  NDArray applyOrSkip(Layer layer, NDArray x) {
    if (!entries.isEmpty() || layer.segment().trains()) {
      return apply(layer, x);
    }
    NDArray y = GradMode.off(() -> layer.forward(owner, x));
    x.close();
    return y;
  }

  /**
   * Walks back through all layers, adding to their segments' gradients.
   *
   * @param dy gradient of the loss with respect to the last layer's output; closed by this call
   * @param done told each segment as soon as its gradients are complete for this pass
   * @return gradient with respect to the first layer's input; null if no lower layer needs it
   */
  NDArray backward(NDArray dy, boolean inputNeedsGradient, Consumer<Segment> done) {
    NDArray gradient = dy;
    while (!entries.isEmpty()) {
      Entry entry = entries.pop();
      boolean needsInput = inputNeedsGradient || anyTrains();
      NDArray below = backward(entry, gradient, needsInput);
      gradient.close();
      gradient = below;
      done.accept(entry.layer().segment());
      if (gradient == null) {
        entries.forEach(rest -> done.accept(rest.layer().segment()));
        break;
      }
    }
    return gradient;
  }

  private NDArray backward(Entry entry, NDArray dy, boolean needsInput) {
    Layer layer = entry.layer();
    NDList recorded = entry.recorded() != null ? entry.recorded() : record(layer, entry.input());
    try {
      NDList inputs = needsInput ? new NDList(entry.input()) : new NDList();
      if (inputs.isEmpty() && layer.segment().training().leaves().isEmpty()) {
        return null;
      }
      NDArray[] dx = layer.addGradients(kernels, owner, recorded, inputs, dy);
      layer.segment().training().gradientsAdded();
      return dx.length == 0 ? null : dx[0];
    } finally {
      recorded.close();
      entry.input().close();
    }
  }

  private NDList record(Layer layer, NDArray input) {
    return GradMode.recording(() -> layer.record(owner, input));
  }

  private boolean anyTrains() {
    return entries.stream().anyMatch(entry -> entry.layer().segment().trains());
  }

  @Override
  public void close() {
    owner.close();
  }
}
