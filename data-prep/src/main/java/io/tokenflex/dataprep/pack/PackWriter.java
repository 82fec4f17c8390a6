package io.tokenflex.dataprep.pack;

import java.io.Closeable;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Appends images to a pack file, which is created on the first append. */
public final class PackWriter implements Closeable {
  private final FileSystem fileSystem;
  private final Path path;
  private FSDataOutputStream stream;
  private long length;

  /** Creates a writer; the path must be unique to the task attempt. */
  public PackWriter(FileSystem fileSystem, Path path) {
    this.fileSystem = fileSystem;
    this.path = path;
  }

  public String path() {
    return path.toString();
  }

  /** Appends an image and returns its offset. */
  public long append(byte[] bytes) throws IOException {
    if (stream == null) {
      stream = fileSystem.create(path, /* overwrite= */ false);
    }
    long offset = length;
    stream.write(bytes);
    length += bytes.length;
    return offset;
  }

  /** Completes the file; it is unreadable before. */
  @Override
  public void close() throws IOException {
    if (stream != null) {
      stream.close();
    }
  }
}
