package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import io.tokenflex.random.SeededHash;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * All parameters of a model: its segments in forward order.
 *
 * <p>All-reduce, clipping, optimizer and checkpoints work on the segments' flat slices; names and
 * shapes matter only for loading and saving.
 */
public final class ParameterArena {
  private final List<Segment> segments;

  ParameterArena(List<Segment> segments) {
    this.segments = List.copyOf(segments);
  }

  /** In forward order. */
  public List<Segment> segments() {
    return segments;
  }

  public long numParameters() {
    return segments.stream().mapToLong(Segment::numElements).sum();
  }

  /** Every parameter by name, in storage order, as windows of the weights. */
  public Map<String, NDArray> namedWeights() {
    Map<String, NDArray> named = new LinkedHashMap<>();
    for (Segment segment : segments) {
      List<NDArray> windows = segment.named(segment.weights());
      for (int i = 0; i < windows.size(); i++) {
        named.put(segment.specs().get(i).name(), windows.get(i));
      }
    }
    return named;
  }

  /** Every trained parameter's gradient by name, as windows of the gradients. */
  public Map<String, NDArray> namedGradients() {
    Map<String, NDArray> named = new LinkedHashMap<>();
    for (Segment segment : segments) {
      if (segment.trains()) {
        List<NDArray> windows = segment.named(segment.gradients());
        for (int i = 0; i < windows.size(); i++) {
          named.put(segment.specs().get(i).name(), windows.get(i));
        }
      }
    }
    return named;
  }

  /**
   * Overwrites one parameter.
   *
   * @throws IllegalArgumentException if there is none of that name or size
   */
  public void set(String name, float[] values) {
    for (Segment segment : segments) {
      for (ParameterSpec spec : segment.specs()) {
        if (spec.name().equals(name)) {
          if (spec.shape().size() != values.length) {
            throw new IllegalArgumentException(
                "Parameter %s has the shape %s; got %d values"
                    .formatted(name, spec.shape(), values.length));
          }
          segment.set(spec, values);
          return;
        }
      }
    }
    throw new IllegalArgumentException("The model has no parameter " + name);
  }

  /** Fills every parameter for training from scratch; a pure function of the seed and the names. */
  public void initialize(long seed) {
    for (Segment segment : segments) {
      float[] values = new float[Math.toIntExact(segment.numElements())];
      int offset = 0;
      for (ParameterSpec spec : segment.specs()) {
        RandomGenerator random = SeededHash.of(seed, spec.name()).toRandom();
        float[] start = spec.initialization().values(spec.shape(), random);
        System.arraycopy(start, 0, values, offset, start.length);
        offset += start.length;
      }
      segment.overwrite(segment.weights(), 0, values);
    }
  }
}
