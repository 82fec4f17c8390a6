package io.tokenflex.dataprep.dataset;

import io.tokenflex.dataprep.storage.DatasetStateUnknownException;
import io.tokenflex.dataprep.storage.DurableStream;
import io.tokenflex.dataprep.storage.ManifestPublication;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.storage.PartialNames;
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
 * A dataset on any Hadoop file system: manifests of its versions and folders in which runs write
 * shards.
 *
 * <p>A version is published atomically by creating its numbered manifest, which succeeds for one
 * run only. Files of a published version never change. A failed run leaves at most a folder that no
 * manifest references.
 */
public final class DatasetFolder {
  private static final Pattern MANIFEST_NAME = Pattern.compile("\\d{5}\\.json");
  private static final Pattern WITHDRAWN_NAME = Pattern.compile("(\\d{5})\\.withdrawn\\.json");

  /** As versions before this one named manifests that were about to be published. */
  private static final Pattern OLD_PARTIAL_NAME =
      Pattern.compile("\\.\\d{5}\\.json\\.[0-9a-f-]{36}");

  private final FileSystem fileSystem;
  private final Path root;

  private DatasetFolder(FileSystem fileSystem, Path root) {
    this.fileSystem = fileSystem;
    this.root = fileSystem.makeQualified(root);
  }

  /** The dataset at a path, which need not exist. */
  public static DatasetFolder at(String folder, Configuration configuration) throws IOException {
    Path path = new Path(folder);
    return new DatasetFolder(path.getFileSystem(configuration), path);
  }

  public FileSystem fileSystem() {
    return fileSystem;
  }

  /** Full path of a file in the folder, with scheme. */
  public Path pathOf(String name) {
    return new Path(root, name);
  }

  /** All published versions, ascending. */
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
   * All published versions, ascending, at least one.
   *
   * @throws IllegalArgumentException if the folder is not a dataset
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

  /** The newest version, if any. */
  public Optional<Manifest> newest() throws IOException {
    List<Integer> versions = versions();
    return versions.isEmpty()
        ? Optional.empty()
        : Optional.of(read(versions.get(versions.size() - 1)));
  }

  /**
   * The newest version.
   *
   * @throws IllegalArgumentException if the folder is not a dataset
   */
  public Manifest requireNewest() throws IOException {
    List<Integer> versions = requireVersions();
    return read(versions.get(versions.size() - 1));
  }

  /**
   * The given version, or the newest.
   *
   * @throws IllegalArgumentException if it does not exist
   */
  public Manifest require(Optional<Integer> version) throws IOException {
    return version.isPresent() ? read(version.get()) : requireNewest();
  }

  /**
   * Reads the manifest of a version.
   *
   * @throws IllegalArgumentException if it does not exist, is not a manifest or has an unknown
   *     format version
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
   * Reads the manifest of a version, including withdrawn versions that are still readable.
   *
   * @throws IllegalArgumentException if it is not a manifest or has an unknown format version
   */
  public Optional<Manifest> find(int version) throws IOException {
    for (Path path : List.of(manifestPath(version), withdrawnPath(version))) {
      try (InputStream stream = fileSystem.open(path)) {
        return Optional.of(Manifest.parse(stream.readAllBytes(), path));
      } catch (FileNotFoundException e) {
        // Try the path of a withdrawn version.
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
   * Rejects folders that contain anything other than a dataset.
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

  /**
   * Creates a folder for the files of one run.
   *
   * @return its path within the dataset folder
   */
  public String createRun(int version) throws IOException {
    String id = UUID.randomUUID().toString().substring(0, 8);
    String run = String.format(Locale.ROOT, "%s/%05d-%s", DatasetLayout.DATA, version, id);
    try {
      if (!fileSystem.mkdirs(pathOf(run))) {
        throw new IOException("Cannot create " + pathOf(run));
      }
    } catch (IOException | RuntimeException failure) {
      // The folder may exist despite the failure; its random name belongs to this run, so it can be
      // deleted.
      try {
        discardRun(run);
      } catch (IOException | RuntimeException e) {
        failure.addSuppressed(e);
      }
      throw failure;
    }
    return run;
  }

  /** Deletes a run's folder, and parent folders that are then empty. */
  public void discardRun(String run) throws IOException {
    fileSystem.delete(pathOf(run), /* recursive= */ true);
    for (Path folder : List.of(pathOf(DatasetLayout.DATA), pathOf(DatasetLayout.VERSIONS), root)) {
      try {
        fileSystem.delete(folder, /* recursive= */ false);
      } catch (IOException e) {
        return; // not empty: it contains other runs
      }
    }
  }

  /**
   * Publishes a version.
   *
   * @throws VersionConflictException if the version exists; nothing was changed
   * @throws DatasetStateUnknownException if it is unknown whether the version was published; files
   *     that the manifest references must not be deleted
   * @throws IOException if the version was definitely not published
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

  /** Folders of runs that no version references: running, killed or expired. */
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
   * Withdraws a version that stays readable: it is no longer listed, and its files are kept as long
   * as other versions reference them.
   */
  void withdrawReadable(int version) throws IOException {
    byte[] json = read(version).toJson();
    try (OutputStream stream =
        DurableStream.create(fileSystem, withdrawnPath(version), /* overwrite= */ true)) {
      stream.write(json);
    }
    withdraw(version);
  }

  /** Withdraws a version whose files will be deleted. */
  public void withdraw(int version) throws IOException {
    fileSystem.delete(manifestPath(version), /* recursive= */ false);
  }

  /** The version number of a withdrawn manifest, given its file name; empty for other files. */
  static OptionalInt withdrawnVersion(String name) {
    Matcher matcher = WITHDRAWN_NAME.matcher(name);
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  /** Whether a file is the partial manifest of a run that was killed while publishing. */
  static boolean isPartialManifest(String name) {
    return PartialNames.isPartial(name) || OLD_PARTIAL_NAME.matcher(name).matches();
  }

  /** Content of a folder; empty if it does not exist. */
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
