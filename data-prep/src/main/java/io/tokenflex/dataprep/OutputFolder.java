package io.tokenflex.dataprep;

import io.tokenflex.dataprep.shard.Manifest;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a dataset is made and where it is published. Everything is written into a hidden folder
 * beside the output, which becomes the output by one rename; closing removes what was not
 * published.
 */
final class OutputFolder implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(OutputFolder.class);

  private final FileSystem fileSystem;
  private final Path output;
  private final Path staging;

  OutputFolder(FileSystem fileSystem, Path output) {
    this.fileSystem = fileSystem;
    this.output = fileSystem.makeQualified(output);
    this.staging = sibling("staging");
  }

  private Path sibling(String purpose) {
    return new Path(
        output.getParent(), ".%s.%s-%s".formatted(output.getName(), purpose, UUID.randomUUID()));
  }

  /** The hidden folder; exists after {@link #createStaging}. */
  Path staging() {
    return staging;
  }

  void createStaging() throws IOException {
    warnOfLeftovers();
    if (!fileSystem.mkdirs(staging)) {
      throw new IOException("Cannot create " + staging);
    }
  }

  /**
   * The manifest of the dataset at the output.
   *
   * @throws IllegalArgumentException if there is something else than a dataset
   */
  Optional<Manifest> published() throws IOException {
    Optional<Manifest> manifest = Manifest.read(fileSystem, output);
    if (manifest.isEmpty() && fileSystem.exists(output) && !isEmptyFolder()) {
      throw new IllegalArgumentException(
          "%s exists but is not a dataset; choose another output or remove it yourself"
              .formatted(output));
    }
    return manifest;
  }

  private boolean isEmptyFolder() throws IOException {
    return fileSystem.getFileStatus(output).isDirectory()
        && fileSystem.listStatus(output).length == 0;
  }

  /** Makes the staging folder the output; the dataset it replaces goes last. */
  void publish(Optional<Manifest> replaced) throws IOException {
    Optional<Manifest> present = published();
    if (!present.equals(replaced)) {
      throw new IllegalStateException(
          "%s was published by another run meanwhile; run again to compare".formatted(output));
    }
    Path retired = sibling("replaced");
    if (present.isPresent()) {
      rename(output, retired);
    } else {
      // An empty folder would swallow the renamed one.
      fileSystem.delete(output, /* recursive= */ false);
    }
    try {
      rename(staging, output);
    } catch (IOException e) {
      if (present.isPresent()) {
        rename(retired, output);
      }
      throw e;
    }
    fileSystem.delete(retired, /* recursive= */ true);
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fileSystem.rename(from, to)) {
      throw new IOException("Cannot rename " + from + " to " + to);
    }
  }

  private void warnOfLeftovers() throws IOException {
    FileStatus[] siblings;
    try {
      siblings = fileSystem.listStatus(output.getParent());
    } catch (FileNotFoundException e) {
      return;
    }
    for (FileStatus sibling : siblings) {
      if (sibling.getPath().getName().startsWith("." + output.getName() + ".staging-")) {
        log.warn(
            "{} was left by a killed run or belongs to one at work; remove it if none is",
            sibling.getPath());
      }
    }
  }

  @Override
  public void close() throws IOException {
    fileSystem.delete(staging, /* recursive= */ true);
  }
}
