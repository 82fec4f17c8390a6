package io.tokenflex.dataprep.source;

import java.util.Arrays;

/** Collects the bytes of one record; bytes beyond the limit are dropped. */
final class RawChunk {
  private final int maxBytes;
  private byte[] bytes = new byte[0];
  private int length;
  private boolean isCut;

  /**
   * Creates an empty chunk.
   *
   * @param maxBytes number of bytes to keep; 0 if only offsets are needed
   */
  RawChunk(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  void clear() {
    length = 0;
    isCut = false;
    if (bytes.length > 1 << 20) {
      bytes = new byte[0]; // release the buffer of an exceptionally long record
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

  /** Whether bytes were dropped. */
  boolean isCut() {
    return isCut;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
