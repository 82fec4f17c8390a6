package io.tokenflex.safetensors;

import java.io.IOException;

/** Takes a tensor's elements piece by piece, in row-major order. */
@FunctionalInterface
public interface FloatPieces {
  /**
   * Takes the next piece.
   *
   * @param from the first one's place among the tensor's elements
   */
  void accept(long from, float[] values) throws IOException;
}
