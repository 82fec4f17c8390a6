package io.tokenflex.dataprep.pack;

import java.io.Closeable;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Appends images to a pack file, which is created with the first one. */
public final class PackWriter implements Closeable {
  private final FileSystem fileSystem;
  private final Path path;
  private FSDataOutputStream stream;
  private long length;

  /** A writer of a file that no other task attempt writes. */
  public PackWriter(FileSystem fileSystem, Path path) {
    this.fileSystem = fileSystem;
    this.path = path;
  }

  public String path() {
    return path.toString();
  }

  /** Appends an image and returns where it starts. */
  public long append(byte[] bytes) throws IOException {
    if (stream == null) {
      stream = fileSystem.create(path, /* overwrite= */ false);
    }
    long offset = length;
    stream.write(bytes);
    length += bytes.length;
    return offset;
  }

  /** Completes the file: only then may anyone read it. */
  @Override
  public void close() throws IOException {
    if (stream != null) {
      stream.close();
    }
  }
}
