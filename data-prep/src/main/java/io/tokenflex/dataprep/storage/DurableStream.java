package io.tokenflex.dataprep.storage;

import java.io.FilterOutputStream;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;

/**
 * A file that is on its disks when it is closed, where Hadoop can see to that; failures name it.
 */
class DurableStream extends FilterOutputStream {
  private final Path path;
  private final FSDataOutputStream stream;
  private boolean closed;

  DurableStream(Path path, FSDataOutputStream stream) {
    super(stream);
    this.path = path;
    this.stream = stream;
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    naming(
        () -> {
          stream.write(bytes, from, length);
          return null;
        });
  }

  @Override
  public void flush() throws IOException {
    naming(
        () -> {
          stream.flush();
          return null;
        });
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    naming(
        () -> {
          try (stream) {
            if (stream.hasCapability("hsync")) {
              stream.hsync();
            }
          }
          return null;
        });
  }

  private void naming(FileErrors.Act<Void> act) throws IOException {
    try {
      FileErrors.asExceptions(act);
    } catch (IOException e) {
      throw new IOException("Cannot write " + path + ": " + e.getMessage(), e);
    }
  }
}
