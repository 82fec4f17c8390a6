package io.tokenflex.model;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.KernelLibrary;
import java.util.List;
import java.util.stream.IntStream;

/** Segments without a layer, for tests of what works on flat slices. */
public final class TestSegments {
  private TestSegments() {}

  /** A segment that trains parameters of these shapes, zero at first; matrices come first. */
  public static Segment of(NDManager manager, KernelLibrary kernels, Shape... shapes) {
    List<ParameterSpec> specs =
        IntStream.range(0, shapes.length)
            .mapToObj(i -> new ParameterSpec("p" + i, shapes[i], new Initialization.Constant(0)))
            .toList();
    Segment segment = new Segment(manager, kernels, "test", specs, List.of(shapes));
    segment.enableTraining();
    return segment;
  }
}
