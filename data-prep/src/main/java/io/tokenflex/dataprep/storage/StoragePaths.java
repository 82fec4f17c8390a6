package io.tokenflex.dataprep.storage;

import java.io.IOException;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Files whose names hold a colon. Hadoop takes what stands before one for the scheme of a URI where
 * a name stands alone, as in joining a path or in naming the file of checksums beside a local one;
 * inside a longer path it does not.
 */
public final class StoragePaths {
  private StoragePaths() {}

  /** A file of a folder, by any name. */
  public static Path child(Path folder, String name) {
    return new Path(folder + (folder.toString().endsWith("/") ? "" : "/") + name);
  }

  /** Opens a file; one with a colon without looking for checksums, which it cannot have. */
  public static FSDataInputStream open(FileSystem fileSystem, Path path) throws IOException {
    boolean hasColon = path.getName().indexOf(':') >= 0;
    return hasColon && fileSystem instanceof ChecksumFileSystem local
        ? local.getRawFileSystem().open(path)
        : fileSystem.open(path);
  }
}
