package io.tokenflex.model;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.KernelLibrary;

/** Segments without a layer, for tests of what works on flat slices. */
public final class TestSegments {
  private TestSegments() {}

  /** A segment that trains parameters of these shapes, zero at first; matrices come first. */
  public static Segment of(NDManager manager, KernelLibrary kernels, Shape... shapes) {
    SegmentLayout layout = new SegmentLayout();
    for (int i = 0; i < shapes.length; i++) {
      layout.operand("w", new ParameterSpec("p" + i, shapes[i], new Initialization.Constant(0)));
    }
    Segment segment = layout.allocate(manager, kernels, "test");
    segment.enableTraining();
    return segment;
  }
}
