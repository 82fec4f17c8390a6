package io.tokenflex.jobs.run;

import io.tokenflex.dataprep.storage.DurableStream;
import io.tokenflex.dataprep.storage.HadoopStorage;
import io.tokenflex.storage.Storage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** A folder on any Hadoop file system, read and written by names relative to it. */
public final class RunFolder {
  private final FileSystem files;
  private final Path root;

  private RunFolder(FileSystem files, Path root) {
    this.files = files;
    this.root = root;
  }

  /** Opens a folder, which need not exist; a path without scheme is one of the default system. */
  public static RunFolder of(String folder, Configuration hadoop) throws IOException {
    Path path = new Path(folder);
    FileSystem files = path.getFileSystem(hadoop);
    // The checksum files of LocalFileSystem go stale when plain Java writes beside it.
    FileSystem plain = files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
    return new RunFolder(plain, plain.makeQualified(path));
  }

  /** A path with its scheme: executors do not share the driver's working directory. */
  public static String qualified(String path, Configuration hadoop) throws IOException {
    Path given = new Path(path);
    return given.getFileSystem(hadoop).makeQualified(given).toString();
  }

  /** The full path of a name, with scheme. */
  public String pathOf(String name) {
    return new Path(root, name).toString();
  }

  /** A subfolder as a storage, which need not exist. */
  public Storage storage(String name) {
    return new HadoopStorage(files, new Path(root, name));
  }

  public boolean exists(String name) throws IOException {
    return files.exists(new Path(root, name));
  }

  /** Names in a subfolder in ascending order; none if it does not exist. */
  public String[] list(String name) throws IOException {
    Path folder = new Path(root, name);
    if (!files.exists(folder)) {
      return new String[0];
    }
    FileStatus[] statuses = files.listStatus(folder);
    String[] names = new String[statuses.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = statuses[i].getPath().getName();
    }
    Arrays.sort(names);
    return names;
  }

  /**
   * @throws FileNotFoundException if there is no such file
   */
  public InputStream open(String name) throws IOException {
    return files.open(new Path(root, name));
  }

  /**
   * @throws FileNotFoundException if there is no such file
   */
  public String readText(String name) throws IOException {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FSError e) {
      throw new IOException("Cannot read " + new Path(root, name) + ": " + e.getMessage(), e);
    }
  }

  /**
   * Replaces a file by a complete new one: readers never see a part. They see the old text or the
   * new, but on storage whose rename does not replace, such as HDFS, for a moment no file.
   */
  public void writeText(String name, String text) throws IOException {
    Path target = new Path(root, name);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    files.mkdirs(target.getParent());
    if (files.hasPathCapability(
        target, CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE)) {
      create(target, bytes); // an object store shows a file when it is complete
      return;
    }
    Path partial = target.suffix(".partial");
    create(partial, bytes);
    if (files instanceof RawLocalFileSystem local) {
      Files.move(
          local.pathToFile(partial).toPath(),
          local.pathToFile(target).toPath(),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    files.delete(target, false);
    rename(partial, target);
  }

  private void create(Path file, byte[] bytes) throws IOException {
    try (OutputStream out = DurableStream.create(files, file, /* overwrite= */ true)) {
      out.write(bytes);
    }
  }

  private void rename(Path from, Path to) throws IOException {
    if (!files.rename(from, to)) {
      throw new IOException("Could not rename " + from + " to " + to);
    }
  }

  /** Gives a file another name, which must be free. */
  public void rename(String from, String to) throws IOException {
    Path target = new Path(root, to);
    files.mkdirs(target.getParent());
    rename(new Path(root, from), target);
  }

  /** Bytes of a file; 0 if there is none. */
  public long size(String name) throws IOException {
    try {
      return files.getFileStatus(new Path(root, name)).getLen();
    } catch (FileNotFoundException e) {
      return 0;
    }
  }

  /** Deletes a file if it exists. */
  public void delete(String name) throws IOException {
    files.delete(new Path(root, name), /* recursive= */ false);
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
