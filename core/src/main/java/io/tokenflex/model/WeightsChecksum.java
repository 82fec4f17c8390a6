package io.tokenflex.model;

import io.tokenflex.kernels.HostMemory;
import java.util.zip.CRC32C;

/**
 * A checksum of all weights and adapters, to compare ranks with each other. CRC32C, because
 * processors compute it in hardware.
 */
public final class WeightsChecksum {
  private WeightsChecksum() {}

  /** CRC32C over the weights of all segments, including adapters. */
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
