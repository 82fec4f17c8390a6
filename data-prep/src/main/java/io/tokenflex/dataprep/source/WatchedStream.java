package io.tokenflex.dataprep.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Distinguishes storage failures from damaged content, because parsers throw {@code IOException}
 * for both.
 */
final class WatchedStream extends FilterInputStream {
  private IOException failure;

  WatchedStream(InputStream storage) {
    super(storage);
  }

  /** Rethrows a failure of the storage, if there was one. */
  void throwIfStorageFailed() throws IOException {
    if (failure != null) {
      throw new IOException("Reading failed: " + failure.getMessage(), failure);
    }
  }

  @Override
  public int read() throws IOException {
    try {
      return super.read();
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      return super.read(buffer, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public long skip(long count) throws IOException {
    try {
      return super.skip(count);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }
}
