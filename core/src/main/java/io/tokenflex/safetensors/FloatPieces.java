package io.tokenflex.safetensors;

import java.io.IOException;

/** Receives a tensor's elements in consecutive pieces, in row-major order. */
@FunctionalInterface
public interface FloatPieces {
  /**
   * Receives the next piece.
   *
   * @param from index of its first value within the tensor
   */
  void accept(long from, float[] values) throws IOException;
}
