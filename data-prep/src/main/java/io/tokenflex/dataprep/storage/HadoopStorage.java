package io.tokenflex.dataprep.storage;

import io.tokenflex.storage.LocalStorage;
import io.tokenflex.storage.NotCreatedException;
import io.tokenflex.storage.PartialNames;
import io.tokenflex.storage.Storage;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder on any Hadoop file system that all who work on it see. */
public final class HadoopStorage implements Storage {
  private static final Logger log = LoggerFactory.getLogger(HadoopStorage.class);
  private static final int BUFFER_BYTES = 1 << 20;

  /** Their rename is one act and does not replace a file. */
  private static final Set<String> RENAME_AS_ONE_ACT =
      Set.of("hdfs", "webhdfs", "swebhdfs", "viewfs", "abfs", "abfss");

  /**
   * There a name is given once, and who writes a file that was deleted meanwhile is refused. Others
   * look for a name when a file is opened and give it when that is closed, or append by name.
   */
  private static final Set<String> OPEN_FILES_ARE_NO_NAMES = Set.of("hdfs", "webhdfs", "swebhdfs");

  private final FileSystem files;
  private final Path root;

  /** A folder of the file system that a configuration names; on disks no checksums are kept. */
  public HadoopStorage(String folder, Configuration hadoop) throws IOException {
    Path path = new Path(folder);
    FileSystem found = path.getFileSystem(hadoop);
    // A model folder must hold what Hugging Face tools expect, not .crc files.
    this.files = found instanceof LocalFileSystem local ? local.getRawFileSystem() : found;
    this.root = files.makeQualified(path);
  }

  /** A folder of a given file system. */
  public HadoopStorage(FileSystem files, Path root) {
    this.files = files;
    this.root = files.makeQualified(root);
  }

  @Override
  public List<String> list(String folder) throws IOException {
    List<String> names = new ArrayList<>();
    try {
      for (FileStatus status : files.listStatus(resolve(folder))) {
        names.add(status.getPath().getName());
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    Collections.sort(names);
    return names;
  }

  @Override
  public InputStream open(String file) throws IOException {
    return new BufferedInputStream(files.open(resolve(file)), BUFFER_BYTES);
  }

  @Override
  public OutputStream create(String file) throws IOException {
    Path path = resolve(file);
    if (isLocal()) { // Hadoop's way looks first, and then replaces what came meanwhile
      return localRoot().create(file);
    }
    boolean isConditional = isConditional(path);
    FSDataOutputStream stream;
    try {
      stream =
          FileErrors.asExceptions(
              () ->
                  isConditional
                      ? conditionalCreate(path).build()
                      : files.create(path, /* overwrite= */ false, BUFFER_BYTES));
    } catch (IOException e) {
      throw orTaken(path, e);
    }
    return new DurableStream(path, stream) {
      @Override
      public void close() throws IOException {
        try {
          super.close();
        } catch (IOException e) {
          throw isConditional ? orTaken(path, e) : e;
        }
      }
    };
  }

  /** A failure to create a file or, if something lies there, that. */
  private IOException orTaken(Path path, IOException failure) throws IOException {
    if (!isThere(path, failure)) {
      return failure;
    }
    IOException taken = new FileAlreadyExistsException(path.toString());
    taken.initCause(failure);
    return taken;
  }

  @Override
  public boolean createNeverReplaces() throws IOException {
    return isLocal()
        || files instanceof RawLocalFileSystem // a disk under another name
        || OPEN_FILES_ARE_NO_NAMES.contains(files.getUri().getScheme())
        || isConditional(root);
  }

  /** Whether a file can be created on condition that its name is free when it gets it. */
  private boolean isConditional(Path path) throws IOException {
    return files.hasPathCapability(
        path, CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE);
  }

  private FSDataOutputStreamBuilder<?, ?> conditionalCreate(Path path) throws IOException {
    FSDataOutputStreamBuilder<?, ?> builder = files.createFile(path).recursive();
    builder.must(CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true);
    return builder;
  }

  @Override
  public boolean createUnlessTaken(String file, byte[] content) throws IOException {
    Path path = resolve(file);
    // Object stores rename by copying, which replaces what is there.
    if (isConditional(path)) {
      return uploadUnlessTaken(path, () -> conditionalCreate(path).build(), content);
    }
    if (isLocal() || RENAME_AS_ONE_ACT.contains(files.getUri().getScheme())) {
      return writeAndName(path, content);
    }
    return uploadUnlessTaken(path, () -> files.create(path, /* overwrite= */ false), content);
  }

  private boolean isLocal() {
    return files.getUri().getScheme().equals("file");
  }

  private boolean uploadUnlessTaken(
      Path path, FileErrors.Act<FSDataOutputStream> create, byte[] content) throws IOException {
    try (OutputStream stream = new DurableStream(path, create.run())) {
      stream.write(content);
      return true;
    } catch (IOException e) {
      // Each file system has an exception of its own for a name that is taken.
      if (!isThere(path, e)) {
        throw e;
      }
      return false; // the caller looks whose it is
    }
  }

  private boolean isThere(Path path, IOException failure) throws IOException {
    try {
      return files.exists(path);
    } catch (IOException e) {
      failure.addSuppressed(e);
      throw failure;
    }
  }

  private boolean writeAndName(Path path, byte[] content) throws IOException {
    Path partial = new Path(path.getParent(), PartialNames.next());
    try (OutputStream stream =
        new DurableStream(
            partial,
            FileErrors.asExceptions(() -> files.create(partial, /* overwrite= */ false)))) {
      stream.write(content);
    } catch (IOException | RuntimeException e) {
      isRemoved(partial);
      throw new NotCreatedException("Cannot create " + path + ": " + e.getMessage(), e);
    }
    boolean isNamed = false;
    Exception failure = null;
    try {
      isNamed = giveName(partial, path, content);
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
    // A rename that the store carries out late finds nothing to rename once this is gone.
    boolean cannotComeLate = isRemoved(partial);
    if (isNamed) {
      return true;
    }
    if (files.exists(path)) {
      return false; // the caller looks whose it is
    }
    String message =
        "Cannot create " + path + ": the file system refused to give " + partial + " this name";
    throw cannotComeLate
        ? new NotCreatedException(message, failure)
        : new IOException(message, failure);
  }

  /** Gives a file its name unless the name is taken, as one act. */
  private boolean giveName(Path partial, Path path, byte[] content) throws IOException {
    // A local rename would replace what is there; a second name for a file does not.
    return isLocal()
        ? LocalStorage.giveName(local(partial), local(path), content)
        : !files.exists(path) && files.rename(partial, path);
  }

  private LocalStorage localRoot() {
    return new LocalStorage(local(root));
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }

  /** Removes a hidden file; whether it is certainly gone. */
  private boolean isRemoved(Path partial) {
    try {
      return files.delete(partial, /* recursive= */ false) || !files.exists(partial);
    } catch (IOException | RuntimeException e) {
      log.warn("{} stays: {}", partial, e.toString());
      return false;
    }
  }

  @Override
  public void replace(String file, byte[] content) throws IOException {
    if (isLocal()) {
      localRoot().replace(file, content);
      return;
    }
    Path path = resolve(file);
    try (OutputStream stream =
        new DurableStream(
            path, FileErrors.asExceptions(() -> files.create(path, /* overwrite= */ true)))) {
      stream.write(content);
    }
  }

  @Override
  public void delete(String path) throws IOException {
    Path target = resolve(path);
    if (!files.delete(target, /* recursive= */ true) && files.exists(target)) {
      throw new IOException("Could not delete " + target);
    }
  }

  @Override
  public String locationOf(String path) {
    return resolve(path).toString();
  }

  private Path resolve(String path) {
    return path.isEmpty() ? root : new Path(root, path);
  }
}
