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
 * Activations of one forward pass through a sequence of layers, consumed by the backward pass.
 *
 * <p>Autograd records each layer as a graph of its own; this class applies the chain rule across
 * layers. A layer's gradients are therefore final, and its activations freed, before the backward
 * pass of the layer below starts. The gradients are bit-identical to those of a single graph over
 * all layers.
 */
final class Tape implements AutoCloseable {
  /** {@code recorded} is null if the layer is recomputed in the backward pass. */
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
   * Runs a layer and records it.
   *
   * @return y, detached from the layer's graph; valid until this tape is closed
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

  /** Runs a layer; records it only if it or a layer below is trained. */
  NDArray applyOrSkip(Layer layer, NDArray x) {
    if (!entries.isEmpty() || layer.segment().trains()) {
      return apply(layer, x);
    }
    NDArray y = GradMode.off(() -> layer.forward(owner, x));
    x.close();
    return y;
  }

  /**
   * Backward pass through all recorded layers; adds to their segments' gradients.
   *
   * @param dy gradient of the loss with respect to the last layer's output; closed by this call
   * @param done called with each segment as soon as its gradients from this pass are complete
   * @return gradient with respect to the first layer's input; null if it is not needed
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
