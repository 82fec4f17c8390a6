package io.tokenflex.distributed;

import java.nio.ByteBuffer;

/** Rank 0's bytes along the ring: every rank passes on what it has, the last one nothing. */
final class RingBroadcast implements RingSockets.Transfer {
  private final ByteBuffer out;
  private final ByteBuffer in;

  /**
   * Starts a broadcast.
   *
   * @param values overwritten unless rank is 0
   */
  RingBroadcast(int rank, int worldSize, ByteBuffer values) {
    in = values.duplicate().clear();
    out = values.duplicate().clear();
    if (rank == 0) {
      in.position(in.limit());
    }
    if (rank == worldSize - 1) {
      out.position(out.limit());
    }
  }

  @Override
  public ByteBuffer incoming() {
    return in.hasRemaining() ? in : null;
  }

  @Override
  public ByteBuffer outgoing() {
    if (out.position() == out.capacity()) {
      return null;
    }
    return out.limit(in.position());
  }
}
