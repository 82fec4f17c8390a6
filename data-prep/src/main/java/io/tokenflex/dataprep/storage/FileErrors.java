package io.tokenflex.dataprep.storage;

import java.io.IOException;
import org.apache.hadoop.fs.FSError;

/** Hadoop's local file system throws an error, not an exception, where a disk is full. */
final class FileErrors {
  private FileErrors() {}

  interface Act<T> {
    T run() throws IOException;
  }

  static <T> T asExceptions(Act<T> act) throws IOException {
    try {
      return act.run();
    } catch (FSError e) {
      throw new IOException(e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
    }
  }
}
