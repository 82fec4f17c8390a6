package io.tokenflex.safetensors;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.List;

/**
 * A tensor to write.
 *
 * @param values read once, when the tensor is written, so that one tensor is in memory at a time
 */
public record TensorSource(String name, List<Long> shape, Values values) {

  /** Provides the values. */
  @FunctionalInterface
  public interface Values {
    /** All elements in row-major order. */
    float[] read() throws IOException;
  }

  public TensorSource {
    requireNonNull(name, "name");
    shape = List.copyOf(shape);
    requireNonNull(values, "values");
  }
}
