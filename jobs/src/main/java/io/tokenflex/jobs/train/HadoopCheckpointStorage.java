package io.tokenflex.jobs.train;

import io.tokenflex.checkpoint.CheckpointManifest;
import io.tokenflex.checkpoint.CheckpointStorage;
import io.tokenflex.checkpoint.LocalCheckpointStorage;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Checkpoints on any Hadoop file system that all ranks see. */
public final class HadoopCheckpointStorage implements CheckpointStorage {
  private static final int BUFFER_BYTES = 1 << 20;

  /** Their rename is one act and does not replace a file. */
  private static final Set<String> RENAME_AS_ONE_ACT =
      Set.of("hdfs", "webhdfs", "swebhdfs", "viewfs", "abfs", "abfss");

  private final FileSystem files;
  private final Path root;

  public HadoopCheckpointStorage(String folder, Configuration hadoop) throws IOException {
    Path path = new Path(folder);
    FileSystem found = path.getFileSystem(hadoop);
    // A model folder must hold what Hugging Face tools expect, not .crc files.
    this.files = found instanceof LocalFileSystem local ? local.getRawFileSystem() : found;
    this.root = files.makeQualified(path);
  }

  private interface Act<T> {
    T run() throws IOException;
  }

  /** Hadoop's local file system throws an error, not an exception, where a disk is full. */
  private static <T> T failingAsException(Act<T> act) throws IOException {
    try {
      return act.run();
    } catch (FSError e) {
      throw new IOException(e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
    }
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
  public OutputStream create(String file) throws IOException {
    Path path = resolve(file);
    FSDataOutputStream stream =
        failingAsException(() -> files.create(path, /* overwrite= */ true, BUFFER_BYTES));
    return new FilterOutputStream(stream) {
      private boolean closed;

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

      private void naming(Act<Void> act) throws IOException {
        try {
          failingAsException(act);
        } catch (IOException e) {
          throw new IOException("Cannot write " + path + ": " + e.getMessage(), e);
        }
      }
    };
  }

  @Override
  public boolean createNew(String file, byte[] content) throws IOException {
    Path path = resolve(file);
    if (files instanceof RawLocalFileSystem local) {
      return LocalCheckpointStorage.createNew(local.pathToFile(path).toPath(), content);
    }
    if (files.hasPathCapability(
        path, CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE)) {
      FSDataOutputStreamBuilder<?, ?> builder = files.createFile(path).recursive();
      builder.must(CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true);
      return uploadUnlessTaken(path, builder, content);
    }
    if (RENAME_AS_ONE_ACT.contains(files.getScheme())) {
      return writeAndRename(path, content);
    }
    return uploadUnlessTaken(path, files.createFile(path).recursive().overwrite(false), content);
  }

  private boolean uploadUnlessTaken(
      Path path, FSDataOutputStreamBuilder<?, ?> builder, byte[] content) throws IOException {
    try (FSDataOutputStream stream = builder.build()) {
      stream.write(content);
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      if (!files.exists(path)) {
        throw e;
      }
      return false; // the caller looks whose it is
    }
    return true;
  }

  private boolean writeAndRename(Path path, byte[] content) throws IOException {
    Path complete = new Path(path.getParent(), ".new-" + UUID.randomUUID());
    try {
      try (FSDataOutputStream stream = files.create(complete, /* overwrite= */ false)) {
        stream.write(content);
      }
      return !files.exists(path) && files.rename(complete, path);
    } finally {
      deleteQuietly(complete);
    }
  }

  /** It is gone already unless something went wrong. */
  private void deleteQuietly(Path path) {
    try {
      files.delete(path, /* recursive= */ false);
    } catch (IOException e) {
      // A hidden file of a few bytes stays; what was asked for is done or has failed by itself.
    }
  }

  @Override
  public InputStream open(String file) throws IOException {
    return new BufferedInputStream(files.open(resolve(file)), BUFFER_BYTES);
  }

  @Override
  public void publish(String staging, String published) throws IOException {
    Path from = resolve(staging);
    Path to = resolve(published);
    if (files instanceof RawLocalFileSystem || RENAME_AS_ONE_ACT.contains(files.getScheme())) {
      if (files.exists(to)) {
        throw new FileAlreadyExistsException(to + " exists");
      }
      rename(from, to);
      return;
    }
    // Object stores copy file by file: a reader must not see the manifest before the rest.
    if (files.exists(new Path(to, CheckpointManifest.FILE_NAME))) {
      throw new FileAlreadyExistsException(to + " exists");
    }
    List<FileStatus> entries = new ArrayList<>(List.of(files.listStatus(from)));
    entries.sort((a, b) -> Boolean.compare(isManifest(a), isManifest(b)));
    files.mkdirs(to);
    for (FileStatus entry : entries) {
      rename(entry.getPath(), new Path(to, entry.getPath().getName()));
    }
    files.delete(from, /* recursive= */ true);
  }

  private static boolean isManifest(FileStatus status) {
    return status.getPath().getName().equals(CheckpointManifest.FILE_NAME);
  }

  private void rename(Path from, Path to) throws IOException {
    if (!files.rename(from, to)) {
      throw new IOException("Could not rename " + from + " to " + to);
    }
  }

  @Override
  public void delete(String path) throws IOException {
    Path target = resolve(path);
    if (!files.delete(target, true) && files.exists(target)) {
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
