package io.tokenflex.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.ndarray.NDArray;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.kernels.HostMemory;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * All parameters of a model: its segments in forward order.
 *
 * <p>All-reduce, clipping, optimizer and checkpoints work on the segments' flat arrays; names and
 * shapes are needed only to load and save.
 */
public final class ParameterArena {
  private final List<Segment> segments;

  ParameterArena(List<Segment> segments) {
    this.segments = List.copyOf(segments);
  }

  /** Segments in forward order. */
  public List<Segment> segments() {
    return segments;
  }

  public long numParameters() {
    return segments.stream().mapToLong(Segment::numElements).sum();
  }

  /** All parameters by name, in storage order, as views of the weights. */
  public Map<String, NDArray> namedWeights() {
    Map<String, NDArray> named = new LinkedHashMap<>();
    for (Segment segment : segments) {
      named.putAll(segment.namedWeights());
    }
    return named;
  }

  /** Gradients of all trained parameters by name, including adapters, as views of the gradients. */
  public Map<String, NDArray> namedGradients() {
    Map<String, NDArray> named = new LinkedHashMap<>();
    for (Segment trained : segments.stream().flatMap(s -> s.trained().stream()).toList()) {
      named.putAll(trained.namedGradients());
    }
    return named;
  }

  /**
   * Overwrites one parameter.
   *
   * @throws IllegalArgumentException if there is no parameter of that name and size
   */
  public void set(String name, float[] values) {
    change(name, (segment, spec) -> segment.set(spec, values));
  }

  /**
   * Overwrites elements of a parameter, starting at {@code from}.
   *
   * @throws IllegalArgumentException if there is no parameter of that name, or it is shorter
   */
  public void set(String name, long from, float[] values) {
    change(name, (segment, spec) -> segment.set(spec, from, values));
  }

  private void change(String name, BiConsumer<Segment, ParameterSpec> change) {
    for (Segment segment : segments) {
      Optional<ParameterSpec> spec = segment.spec(name);
      if (spec.isPresent()) {
        change.accept(segment, spec.get());
        return;
      }
    }
    throw new InvalidInputException("The model has no parameter " + name);
  }

  /** SHA-256 of all names and weights, in lower-case hex. */
  public String digest() {
    MessageDigest digest = Digests.sha256();
    for (Segment segment : segments) {
      for (ParameterSpec spec : segment.specs()) {
        digest.update((spec.name() + spec.shape()).getBytes(UTF_8));
      }
      HostMemory.<RuntimeException>read(segment.weights(), digest::update);
    }
    return Digests.hex(digest);
  }

  /** Initializes all parameters for training from scratch; deterministic for a given seed. */
  public void initialize(long seed) {
    segments.forEach(segment -> segment.initialize(seed));
  }
}
