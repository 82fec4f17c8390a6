package io.tokenflex.model;

import ai.djl.ndarray.NDList;
import java.util.Optional;

/** Which parameters train when a layer's segment takes part in training. */
sealed interface TrainingState {
  /** Whose gradients training needs, if any. */
  Optional<Segment> trained();

  /** The kernel's operands that a backward pass needs the gradients of. */
  NDList leaves();

  /** Where a backward pass adds the gradients of {@link #leaves}. */
  NDList leafGradients();

  /** To be called when a backward pass has added to {@link #leafGradients}. */
  void gradientsAdded();

  /** None: no gradients are allocated or computed. */
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

  /** The segment's own. */
  record Full(Segment segment, Slice gradients) implements TrainingState {
    @Override
    public Optional<Segment> trained() {
      return Optional.of(segment);
    }

    @Override
    public NDList leaves() {
      return segment.operands();
    }

    @Override
    public NDList leafGradients() {
      return gradients.operands();
    }

    @Override
    public void gradientsAdded() {}
  }

  /** Those of low-rank adapters beside the segment's, which stay. */
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
