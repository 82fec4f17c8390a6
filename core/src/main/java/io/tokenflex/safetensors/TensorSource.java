package io.tokenflex.safetensors;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.List;

/**
 * A tensor that is to be written.
 *
 * @param values asked for once, when its turn has come: one tensor is in memory at a time
 */
public record TensorSource(String name, List<Long> shape, Values values) {

  /** Where the values come from. */
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
