package io.tokenflex.jobs.train;

import io.tokenflex.checkpoint.CheckpointStorage;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Checkpoints on any Hadoop file system that all ranks see. */
final class HadoopCheckpointStorage implements CheckpointStorage {
  private static final int BUFFER_BYTES = 1 << 20;

  private final FileSystem files;
  private final Path root;

  HadoopCheckpointStorage(String folder, Configuration hadoop) throws IOException {
    Path path = new Path(folder);
    FileSystem found = path.getFileSystem(hadoop);
    // A model folder must hold what Hugging Face tools expect, not .crc files.
    this.files = found instanceof LocalFileSystem local ? local.getRawFileSystem() : found;
    this.root = files.makeQualified(path);
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
    FSDataOutputStream stream = files.create(resolve(file), true, BUFFER_BYTES);
    return new FilterOutputStream(stream) {
      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        stream.write(bytes, from, length);
      }

      @Override
      public void close() throws IOException {
        if (stream.hasCapability("hsync")) {
          stream.hsync();
        }
        super.close();
      }
    };
  }

  @Override
  public InputStream open(String file) throws IOException {
    return new BufferedInputStream(files.open(resolve(file)), BUFFER_BYTES);
  }

  @Override
  public void publish(String staging, String published) throws IOException {
    if (!files.rename(resolve(staging), resolve(published))) {
      throw new IOException("Could not rename " + resolve(staging) + " to " + resolve(published));
    }
  }

  @Override
  public void delete(String path) throws IOException {
    files.delete(resolve(path), true);
  }

  @Override
  public String locationOf(String path) {
    return resolve(path).toString();
  }

  private Path resolve(String path) {
    return path.isEmpty() ? root : new Path(root, path);
  }
}
