package io.tokenflex.model;

import io.tokenflex.kernels.HostMemory;
import java.util.zip.CRC32C;

/**
 * A checksum of all that a model computes with and trains, to compare ranks with each other: one
 * pass over the memory in which processors count CRC32C by themselves.
 */
public final class WeightsChecksum {
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
    HostMemory.<RuntimeException>read(segment.weights(), checksum::update);
  }
}
