package io.tokenflex.dataprep.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one act by which a manifest takes its name, which it never takes from another.
 *
 * <p>A store can do what it is asked and lose the answer. So after every failure the name is looked
 * up again: what lies there decides. Cleaning up never decides anything.
 */
public final class ManifestPublication {
  private static final Logger log = LoggerFactory.getLogger(ManifestPublication.class);

  private final FileSystem fileSystem;
  private final Path target;

  public ManifestPublication(FileSystem fileSystem, Path target) {
    this.fileSystem = fileSystem;
    this.target = target;
  }

  /**
   * Publishes.
   *
   * @param json the manifest; no two runs write the same bytes
   * @return whether the name now holds these bytes; false if it holds another's
   * @throws DatasetStateUnknownException if that cannot be told
   * @throws IOException if the name certainly does not and will not hold these bytes
   */
  public boolean publish(byte[] json) throws IOException {
    // Object stores rename by copying, which replaces what is there.
    return fileSystem.hasPathCapability(
            target, CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE)
        ? uploadUnlessTaken(json)
        : writeAndRename(json);
  }

  /** Uploads the file on condition that its name is free, which the store checks as one act. */
  private boolean uploadUnlessTaken(byte[] json) throws IOException {
    try {
      FSDataOutputStreamBuilder<?, ?> file = fileSystem.createFile(target);
      file.must(CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true);
      try (OutputStream stream = file.build()) {
        stream.write(json);
      }
      return true;
    } catch (Throwable failure) {
      // A request whose answer was lost may still be on its way: absent now is not absent for good.
      return switch (found(json, failure)) {
        case OURS -> true;
        case ANOTHERS -> false;
        case NOTHING -> throw unknown(failure);
      };
    }
  }

  private boolean writeAndRename(byte[] json) throws IOException {
    Path partial = new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID());
    try {
      try (OutputStream stream = fileSystem.create(partial, /* overwrite= */ false)) {
        stream.write(json);
      }
    } catch (Throwable failure) {
      isRemoved(partial);
      throw failure; // the name was not touched
    }
    Throwable failure = null;
    try {
      if (rename(partial)) {
        isRemoved(partial);
        return true;
      }
    } catch (Throwable e) {
      failure = e;
    }
    // A rename that the store carries out late finds nothing to rename once this is gone.
    boolean cannotComeLate = isRemoved(partial);
    return switch (found(json, failure)) {
      case OURS -> true;
      case ANOTHERS -> false;
      case NOTHING -> {
        if (!cannotComeLate) {
          throw unknown(failure);
        }
        throw new IOException(
            "Cannot publish " + target + ": the file system refused to rename " + partial, failure);
      }
    };
  }

  /** Gives the file its name unless the name is taken, as one act. */
  private boolean rename(Path partial) throws IOException {
    if (!fileSystem.getUri().getScheme().equals("file")) {
      return !fileSystem.exists(target) && fileSystem.rename(partial, target);
    }
    // A local rename would replace what is there; a second name for a file does not.
    try {
      Files.createLink(
          java.nio.file.Path.of(target.toUri().getPath()),
          java.nio.file.Path.of(partial.toUri().getPath()));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  private enum Found {
    OURS,
    ANOTHERS,
    NOTHING
  }

  private Found found(byte[] json, Throwable failure) throws DatasetStateUnknownException {
    try (InputStream stream = fileSystem.open(target)) {
      if (!Arrays.equals(stream.readAllBytes(), json)) {
        return Found.ANOTHERS;
      }
      if (failure != null) {
        log.warn("{} is published, though the file system reported {}", target, failure.toString());
      }
      return Found.OURS;
    } catch (FileNotFoundException e) {
      return Found.NOTHING;
    } catch (IOException | RuntimeException e) {
      if (failure != null) {
        e.addSuppressed(failure);
      }
      throw unknown(e);
    }
  }

  private DatasetStateUnknownException unknown(Throwable failure) {
    return new DatasetStateUnknownException(
        "Whether "
            + target
            + " was published cannot be told ("
            + failure
            + "). Nothing was deleted. Run again: a version that was published is found; if it was not, the"
            + " records are prepared anew, and 'tokenflex expire' removes what is left of this run",
        failure);
  }

  /** Removes the hidden file; whether it is certainly gone. */
  private boolean isRemoved(Path partial) {
    try {
      return fileSystem.delete(partial, /* recursive= */ false) || !fileSystem.exists(partial);
    } catch (IOException | RuntimeException e) {
      log.warn("{} stays until 'tokenflex expire' removes it: {}", partial, e.toString());
      return false;
    }
  }
}
