package io.tokenflex.model;

import ai.djl.ndarray.NDList;
import java.util.Optional;

/** Which parameters of a segment are trained. */
sealed interface TrainingState {
  /** The segment whose gradients are trained, if any. */
  Optional<Segment> trained();

  /** Operands, as kernels are given them, whose gradients a backward pass must compute. */
  NDList leaves();

  /** Where a backward pass adds the gradients of {@link #leaves}. */
  NDList leafGradients();

  /** Must be called after a backward pass has added to {@link #leafGradients}. */
  void gradientsAdded();

  /** No parameter: no gradients are allocated or computed. */
  record Frozen() implements TrainingState {
    @Override
    public Optional<Segment> trained() {
      return Optional.empty();
    }

    @Override
    public NDList leaves() {
      return new NDList();
    }

    @Override
    public NDList leafGradients() {
      return new NDList();
    }

    @Override
    public void gradientsAdded() {}
  }

  /** The segment's own parameters. */
  record Full(Segment segment, Slice gradients) implements TrainingState {
    @Override
    public Optional<Segment> trained() {
      return Optional.of(segment);
    }

    @Override
    public NDList leaves() {
      return segment.given();
    }

    @Override
    public NDList leafGradients() {
      return gradients.operands();
    }

    @Override
    public void gradientsAdded() {}
  }

  /** The segment's low-rank adapters; its own parameters are frozen. */
  record Adapted(SegmentAdapters adapters) implements TrainingState {
    @Override
    public Optional<Segment> trained() {
      return Optional.of(adapters.parameters());
    }

    @Override
    public NDList leaves() {
      return adapters.leaves();
    }

    @Override
    public NDList leafGradients() {
      return adapters.leafGradients();
    }

    @Override
    public void gradientsAdded() {
      adapters.takeGradients();
    }
  }
}
