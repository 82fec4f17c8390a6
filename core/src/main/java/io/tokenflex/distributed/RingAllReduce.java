package io.tokenflex.distributed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * One all-reduce as a transfer: reduce-scatter and all-gather are one stream of parts.
 *
 * <p>In step k of 2 (worldSize - 1) a rank sends part {@code rank - k} and receives part {@code
 * rank - k - 1}, both modulo worldSize; in the first half what arrives is added, in the second it
 * replaces. So a rank sends in step k + 1 what it received in step k, and may send each byte as
 * soon as it is summed: no rank waits for the end of a step.
 */
final class RingAllReduce implements RingSockets.Transfer {
  /** Four buffers of this size are at work and stay within a core's cache. */
  private static final int CHUNK_BYTES = 64 << 10;

  /** What one process group's all-reduces add with, one after the other. */
  static final class Adder {
    private final ByteBuffer arrived =
        ByteBuffer.allocateDirect(CHUNK_BYTES).order(ByteOrder.nativeOrder());
    private final FloatBuffer arrivedFloats = arrived.asFloatBuffer();
    private final float[] mine = new float[CHUNK_BYTES / Float.BYTES];
    private final float[] theirs = new float[CHUNK_BYTES / Float.BYTES];

    /** Adds the whole numbers that have arrived; keeps the bytes of one cut in two. */
    int addTo(FloatBuffer sums, int at) {
      int n = arrived.position() / Float.BYTES;
      // Bulk copies around a float[] loop: the loop is vectorised, one over buffers is not.
      sums.get(at, mine, 0, n);
      arrivedFloats.get(0, theirs, 0, n);
      for (int i = 0; i < n; i++) {
        mine[i] += theirs[i];
      }
      sums.put(at, mine, 0, n);
      arrived.limit(arrived.position()).position(n * Float.BYTES);
      arrived.compact();
      return n;
    }
  }

  private final int rank;
  private final int worldSize;
  private final int numSteps;
  private final int elements;
  private final FloatBuffer sums;
  private final Adder adder;
  private final ByteBuffer out;
  private final ByteBuffer in;
  private int sendStep;
  private int receiveStep;
  private int receiveEnd;

  /**
   * Starts an all-reduce.
   *
   * @param values fp32 in native order, reduced in place
   */
  RingAllReduce(int rank, int worldSize, ByteBuffer values, Adder adder) {
    this.rank = rank;
    this.worldSize = worldSize;
    this.numSteps = 2 * (worldSize - 1);
    this.elements = values.capacity() / Float.BYTES;
    this.sums = values.duplicate().clear().order(ByteOrder.nativeOrder()).asFloatBuffer();
    this.adder = adder;
    this.out = values.duplicate();
    this.in = values.duplicate();
    adder.arrived.clear();
    startSending();
    startReceiving();
  }

  private int partStart(int index) {
    return (int) ((long) elements * index / worldSize) * Float.BYTES;
  }

  private int sentPart() {
    return Math.floorMod(rank - sendStep, worldSize);
  }

  private void startSending() {
    int start = partStart(sentPart());
    out.clear().position(start).limit(start);
  }

  private void startReceiving() {
    int index = Math.floorMod(rank - receiveStep - 1, worldSize);
    receiveEnd = partStart(index + 1);
    in.clear().position(partStart(index)).limit(receiveEnd);
  }

  @Override
  public ByteBuffer outgoing() {
    while (sendStep < numSteps) {
      int end = partStart(sentPart() + 1);
      boolean isComplete = receiveStep >= sendStep;
      out.limit(isComplete ? end : in.position());
      if (!isComplete || out.hasRemaining()) {
        return out;
      }
      sendStep++;
      startSending();
    }
    return null;
  }

  @Override
  public ByteBuffer incoming() {
    while (receiveStep < numSteps && in.position() == receiveEnd) { // a part may be empty
      receiveStep++;
      startReceiving();
    }
    if (receiveStep == numSteps) {
      return null;
    }
    if (!isAdding()) {
      return in;
    }
    adder.arrived.limit(Math.min(CHUNK_BYTES, receiveEnd - in.position()));
    return adder.arrived;
  }

  private boolean isAdding() {
    return receiveStep < worldSize - 1;
  }

  @Override
  public void received() {
    if (isAdding()) {
      int added = adder.addTo(sums, in.position() / Float.BYTES);
      in.position(in.position() + added * Float.BYTES);
    }
  }
}
