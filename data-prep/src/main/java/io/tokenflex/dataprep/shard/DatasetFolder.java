package io.tokenflex.dataprep.shard;

import io.tokenflex.failure.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;

/**
 * A dataset on any Hadoop file system: manifests of its versions beside the folders in which runs
 * wrote their shards.
 *
 * <p>A version is published by one act: its manifest appears under its number, which only one run
 * can take. Nothing that a published version names is ever changed; a run that fails leaves at most
 * a folder that no manifest names.
 */
public final class DatasetFolder {
  private static final Pattern MANIFEST_NAME = Pattern.compile("\\d{5}\\.json");
  private static final Pattern PARTIAL_NAME = Pattern.compile("\\.\\d{5}\\.json\\.[0-9a-f-]{36}");

  private final FileSystem fileSystem;
  private final Path root;

  private DatasetFolder(FileSystem fileSystem, Path root) {
    this.fileSystem = fileSystem;
    this.root = fileSystem.makeQualified(root);
  }

  /** The folder at a path, which need not exist. */
  public static DatasetFolder at(String folder, Configuration configuration) throws IOException {
    Path path = new Path(folder);
    return new DatasetFolder(path.getFileSystem(configuration), path);
  }

  public FileSystem fileSystem() {
    return fileSystem;
  }

  /** The full path of a name within the folder, with scheme. */
  public Path pathOf(String name) {
    return new Path(root, name);
  }

  /** The numbers of all published versions, ascending. */
  public List<Integer> versions() throws IOException {
    List<Integer> versions = new ArrayList<>();
    for (FileStatus file : list(pathOf(DatasetLayout.VERSIONS))) {
      String name = file.getPath().getName();
      if (MANIFEST_NAME.matcher(name).matches()) {
        versions.add(Integer.parseInt(name.substring(0, name.indexOf('.'))));
      }
    }
    versions.sort(null);
    return versions;
  }

  /**
   * The numbers of all published versions, ascending, at least one.
   *
   * @throws IllegalArgumentException if the folder holds no dataset
   */
  public List<Integer> requireVersions() throws IOException {
    List<Integer> versions = versions();
    if (versions.isEmpty()) {
      throw new InvalidInputException(
          "%s holds no published version: it is not a dataset, or its preparation did not"
                  .formatted(root)
              + " finish; run prepare with this output first");
    }
    return versions;
  }

  /** The newest version, if there is any. */
  public Optional<Manifest> newest() throws IOException {
    List<Integer> versions = versions();
    return versions.isEmpty()
        ? Optional.empty()
        : Optional.of(read(versions.get(versions.size() - 1)));
  }

  /**
   * The newest version.
   *
   * @throws IllegalArgumentException if the folder holds no dataset
   */
  public Manifest requireNewest() throws IOException {
    List<Integer> versions = requireVersions();
    return read(versions.get(versions.size() - 1));
  }

  /**
   * A version by its number, or the newest if none is named.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Manifest require(Optional<Integer> version) throws IOException {
    return version.isPresent() ? read(version.get()) : requireNewest();
  }

  /**
   * A version by its number.
   *
   * @throws IllegalArgumentException if there is none, or it is no manifest of this format version
   */
  public Manifest read(int version) throws IOException {
    Path path = manifestPath(version);
    byte[] json;
    try (InputStream stream = fileSystem.open(path)) {
      json = stream.readAllBytes();
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s has no version %d; it has %s", root, version, versions()),
          e);
    }
    return Manifest.parse(json, path);
  }

  private Path manifestPath(int version) {
    return pathOf(DatasetLayout.manifestFile(version));
  }

  /**
   * Refuses a folder that holds anything else than a dataset.
   *
   * @throws IllegalArgumentException naming what was found
   */
  public void refuseForeign() throws IOException {
    for (FileStatus file : list(root)) {
      String name = file.getPath().getName();
      if (name.equals("manifest.json")) {
        throw new InvalidInputException(
            "%s holds a dataset of format version 1; choose another output and prepare it again"
                .formatted(root));
      }
      if (!name.equals(DatasetLayout.VERSIONS) && !name.equals(DatasetLayout.DATA)) {
        throw new InvalidInputException(
            "%s exists but is not a dataset: it holds %s; choose another output or remove it yourself"
                .formatted(root, name));
      }
    }
  }

  /** Creates a folder for the files of one run; returns its name within the dataset folder. */
  public String createRun(int version) throws IOException {
    String id = UUID.randomUUID().toString().substring(0, 8);
    String run = String.format(Locale.ROOT, "%s/%05d-%s", DatasetLayout.DATA, version, id);
    if (!fileSystem.mkdirs(pathOf(run))) {
      throw new IOException("Cannot create " + pathOf(run));
    }
    return run;
  }

  /** Removes what a run wrote, and the folders above if they are left empty. */
  public void discardRun(String run) throws IOException {
    fileSystem.delete(pathOf(run), /* recursive= */ true);
    for (Path folder : List.of(pathOf(DatasetLayout.DATA), pathOf(DatasetLayout.VERSIONS), root)) {
      try {
        fileSystem.delete(folder, /* recursive= */ false);
      } catch (IOException e) {
        return; // not empty: other runs are at home here
      }
    }
  }

  /**
   * Publishes a version.
   *
   * @throws VersionConflictException if its number is taken; nothing was changed
   */
  public void publish(Manifest manifest) throws IOException {
    Path target = manifestPath(manifest.version());
    byte[] json = manifest.toJson();
    fileSystem.mkdirs(target.getParent());
    // Object stores rename by copying, which replaces what is there.
    boolean isPublished =
        fileSystem.hasPathCapability(
                target, CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE)
            ? createUnlessTaken(target, json)
            : writeAndRename(target, json);
    if (!isPublished) {
      throw new VersionConflictException(
          String.format(
                  Locale.ROOT,
                  "Version %d of %s was published by another run while this one worked; this one kept nothing.",
                  manifest.version(),
                  root)
              + " Run again: what is still new will be added");
    }
  }

  /** Uploads a file on condition that its name is free, which the store checks as one act. */
  private boolean createUnlessTaken(Path target, byte[] bytes) throws IOException {
    FSDataOutputStreamBuilder<?, ?> file = fileSystem.createFile(target);
    file.must(CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true);
    try {
      try (OutputStream stream = file.build()) {
        stream.write(bytes);
      }
      return true;
    } catch (IOException e) {
      if (!fileSystem.exists(target)) {
        throw e;
      }
      // A request that is repeated because its answer was lost finds its own file there.
      try (InputStream stream = fileSystem.open(target)) {
        return Arrays.equals(stream.readAllBytes(), bytes);
      }
    }
  }

  private boolean writeAndRename(Path target, byte[] bytes) throws IOException {
    Path partial = new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID());
    try {
      try (OutputStream stream = fileSystem.create(partial, /* overwrite= */ false)) {
        stream.write(bytes);
      }
      return rename(partial, target);
    } finally {
      fileSystem.delete(partial, /* recursive= */ false);
    }
  }

  /** Gives a file its name unless the name is taken, as one act. */
  private boolean rename(Path from, Path to) throws IOException {
    if (!fileSystem.getUri().getScheme().equals("file")) {
      return !fileSystem.exists(to) && fileSystem.rename(from, to);
    }
    // A local rename would replace what is there; a second name for a file does not.
    try {
      Files.createLink(
          java.nio.file.Path.of(to.toUri().getPath()),
          java.nio.file.Path.of(from.toUri().getPath()));
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /** Folders of runs that no version names: at work, killed, or expired. */
  public List<FileStatus> unpublishedRuns() throws IOException {
    Set<String> published = new HashSet<>();
    for (int version : versions()) {
      Manifest manifest = read(version);
      published.add(new Path(manifest.run().folder()).getName());
      manifest
          .shards()
          .forEach(shard -> published.add(new Path(shard.file()).getParent().getName()));
    }
    List<FileStatus> unpublished = new ArrayList<>();
    for (FileStatus run : list(pathOf(DatasetLayout.DATA))) {
      if (!published.contains(run.getPath().getName())) {
        unpublished.add(run);
      }
    }
    return unpublished;
  }

  /** Withdraws a version; its files stay until no version names them. */
  public void withdraw(int version) throws IOException {
    fileSystem.delete(manifestPath(version), /* recursive= */ false);
  }

  /** Whether a file among the manifests was left by a run that was killed while it published. */
  static boolean isPartialManifest(String name) {
    return PARTIAL_NAME.matcher(name).matches();
  }

  /** What lies in a folder; nothing if it does not exist. */
  FileStatus[] list(Path folder) throws IOException {
    try {
      return fileSystem.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
