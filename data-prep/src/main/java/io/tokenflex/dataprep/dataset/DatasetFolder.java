package io.tokenflex.dataprep.dataset;

import io.tokenflex.dataprep.storage.DatasetStateUnknownException;
import io.tokenflex.dataprep.storage.ManifestPublication;
import io.tokenflex.failure.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
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
  private static final Pattern WITHDRAWN_NAME = Pattern.compile("(\\d{5})\\.withdrawn\\.json");
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
    Optional<Manifest> manifest = find(version);
    if (manifest.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has no version %d; it has %s. A version that 'tokenflex expire' withdrew can be read as long as"
                  + " newer versions hold all of its shards; choose one of those that are there",
              root,
              version,
              versions()));
    }
    return manifest.get();
  }

  /**
   * A version by its number, also one that was withdrawn while newer versions name all of its
   * shards.
   *
   * @throws IllegalArgumentException if it is no manifest of this format version
   */
  public Optional<Manifest> find(int version) throws IOException {
    for (Path path : List.of(manifestPath(version), withdrawnPath(version))) {
      try (InputStream stream = fileSystem.open(path)) {
        return Optional.of(Manifest.parse(stream.readAllBytes(), path));
      } catch (FileNotFoundException e) {
        // The next place, or none.
      }
    }
    return Optional.empty();
  }

  private Path withdrawnPath(int version) {
    return pathOf(DatasetLayout.withdrawnManifestFile(version));
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
    try {
      if (!fileSystem.mkdirs(pathOf(run))) {
        throw new IOException("Cannot create " + pathOf(run));
      }
    } catch (IOException | RuntimeException failure) {
      // It may have been created all the same; the name is nobody else's.
      try {
        discardRun(run);
      } catch (IOException | RuntimeException e) {
        failure.addSuppressed(e);
      }
      throw failure;
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
   * @throws DatasetStateUnknownException if nobody can tell whether it was published: then nothing
   *     that the manifest names may be deleted
   * @throws IOException if it was certainly not published
   */
  public void publish(Manifest manifest) throws IOException {
    Path target = manifestPath(manifest.version());
    byte[] json = manifest.toJson();
    fileSystem.mkdirs(target.getParent());
    boolean isPublished = new ManifestPublication(fileSystem, target).publish(json);
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

  /**
   * Withdraws a version: it is listed no more, and its files stay until no version names them. Runs
   * that are pinned to it can go on reading it.
   */
  void withdrawReadable(int version) throws IOException {
    byte[] json = read(version).toJson();
    try (OutputStream stream = fileSystem.create(withdrawnPath(version), /* overwrite= */ true)) {
      stream.write(json);
    }
    withdraw(version);
  }

  /** Withdraws a version that nobody can read any more, since files that it names will go. */
  public void withdraw(int version) throws IOException {
    fileSystem.delete(manifestPath(version), /* recursive= */ false);
  }

  /** The number of the withdrawn version whose manifest a file among the manifests is, if any. */
  static OptionalInt withdrawnVersion(String name) {
    Matcher matcher = WITHDRAWN_NAME.matcher(name);
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
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
