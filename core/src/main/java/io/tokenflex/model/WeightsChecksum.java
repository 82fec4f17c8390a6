package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.zip.CRC32C;

/**
 * A checksum of all that a model computes with and trains, to compare ranks with each other: one
 * pass over the memory in which processors count CRC32C by themselves.
 */
public final class WeightsChecksum {
  /** A Java buffer ends at 2 GiB. */
  private static final long ELEMENTS = 1 << 24;

  private WeightsChecksum() {}

  /** CRC32C over the weights of all segments and of the adapters beside them. */
  public static int of(TokenFlexModel model) {
    CRC32C checksum = new CRC32C();
    for (Segment segment : model.parameters().segments()) {
      add(checksum, segment);
    }
    model.adapters().ifPresent(adapters -> adapters.segments().forEach(s -> add(checksum, s)));
    return (int) checksum.getValue();
  }

  private static void add(CRC32C checksum, Segment segment) {
    for (long from = 0; from < segment.numElements(); from += ELEMENTS) {
      Shape shape = new Shape(Math.min(ELEMENTS, segment.numElements() - from));
      try (NDArray window = segment.window(segment.weights(), from, shape)) {
        checksum.update(window.toByteBuffer(true));
      }
    }
  }
}
