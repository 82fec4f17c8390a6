package io.tokenflex.dataprep.storage;

import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A file that is on its disks when it is closed, where Hadoop can see to that; failures name it.
 *
 * <p>Hadoop's own streams are not for try-with-resources: that of HDFS, once it has failed, throws
 * one and the same exception from every call, and an exception cannot suppress itself.
 */
public class DurableStream extends FilterOutputStream {
  private final Path path;
  private final FSDataOutputStream stream;
  private boolean closed;

  DurableStream(Path path, FSDataOutputStream stream) {
    super(stream);
    this.path = path;
    this.stream = stream;
  }

  /** Creates a file with its folders. */
  public static DurableStream create(FileSystem files, Path path, boolean overwrite)
      throws IOException {
    return new DurableStream(path, FileErrors.asExceptions(() -> files.create(path, overwrite)));
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    naming(() -> stream.write(bytes, from, length));
  }

  @Override
  public void flush() throws IOException {
    naming(stream::flush);
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    Closeable closing = () -> naming(stream::close); // fails with an exception of its own
    try (closing) {
      if (stream.hasCapability("hsync")) {
        naming(stream::hsync);
      }
    }
  }

  private interface Act {
    void run() throws IOException;
  }

  private void naming(Act act) throws IOException {
    try {
      FileErrors.asExceptions(
          () -> {
            act.run();
            return null;
          });
    } catch (IOException e) {
      throw new IOException("Cannot write " + path + ": " + e.getMessage(), e);
    }
  }
}
