package io.tokenflex.dataprep.source;

import java.util.Arrays;

/**
 * The bytes of one record while it is cut out of its file; what is longer than a record may be is
 * dropped.
 */
final class RawChunk {
  private final int maxBytes;
  private byte[] bytes = new byte[0];
  private int length;
  private boolean isCut;

  /**
   * Makes an empty chunk.
   *
   * @param maxBytes how much is kept; 0 if only the places of records are wanted
   */
  RawChunk(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  void clear() {
    length = 0;
    isCut = false;
    if (bytes.length > 1 << 20) {
      bytes = new byte[0]; // one long record must not hold its memory for all others
    }
  }

  void append(byte[] source, int from, int to) {
    int count = Math.min(to - from, maxBytes - length);
    isCut |= count < to - from;
    if (count <= 0) {
      return;
    }
    if (length + count > bytes.length) {
      long doubled = Math.max(256, 2L * bytes.length);
      int size = (int) Math.min(Math.max(doubled, length + (long) count), Integer.MAX_VALUE - 16);
      bytes = Arrays.copyOf(bytes, size);
    }
    System.arraycopy(source, from, bytes, length, count);
    length += count;
  }

  /** Whether there was more than is kept. */
  boolean isCut() {
    return isCut;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
