package io.tokenflex.dataprep.source;

import io.tokenflex.dataprep.storage.StoragePaths;
import io.tokenflex.failure.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** One input file on any Hadoop file system. */
public record SourceFile(FileSystem fileSystem, Path path) {
  /** Number of bytes used to detect the format. */
  private static final int HEAD_BYTES = 64 << 10;

  public String name() {
    return path.getName();
  }

  /** File name without its last extension; prefix of generated ids. */
  public String stem() {
    int dot = name().lastIndexOf('.');
    return dot <= 0 ? name() : name().substring(0, dot);
  }

  /**
   * Opens the file.
   *
   * @throws IllegalArgumentException if it does not exist
   */
  public FSDataInputStream open() throws IOException {
    try {
      return StoragePaths.open(fileSystem, path);
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("There is no input file " + path, e);
    }
  }

  /** The first bytes, at most 64 KiB. */
  public byte[] head() throws IOException {
    try (FSDataInputStream stream = open()) {
      return stream.readNBytes(HEAD_BYTES);
    }
  }
}
