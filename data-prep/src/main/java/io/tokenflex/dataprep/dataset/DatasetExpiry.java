package io.tokenflex.dataprep.dataset;

import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Withdraws old versions and deletes files that no version references.
 *
 * <p>A withdrawn version whose shards all belong to newer versions remains readable by its number,
 * because a training run may be pinned to it.
 *
 * <p>Manifests are deleted before files, so that after a crash every remaining version is complete;
 * running again deletes the rest. Files younger than the grace period are kept, because a running
 * preparation or a reader of a withdrawn version may need them.
 */
public final class DatasetExpiry {
  private final DatasetFolder dataset;
  private final List<Integer> kept;
  private final List<Integer> withdrawn;
  private final List<Leftover> deleted = new ArrayList<>();
  private final List<Leftover> tooYoung = new ArrayList<>();

  /**
   * A file or folder that no remaining version references.
   *
   * @param newest latest modification time of its content
   */
  public record Leftover(Path path, long bytes, Instant newest) {}

  private DatasetExpiry(DatasetFolder dataset, List<Integer> kept, List<Integer> withdrawn) {
    this.dataset = dataset;
    this.kept = List.copyOf(kept);
    this.withdrawn = List.copyOf(withdrawn);
  }

  /**
   * Plans an expiry; changes nothing.
   *
   * @param keep number of newest versions to keep, at least 1
   * @param before files modified at or after this time are kept
   * @throws IllegalArgumentException if the folder is not a dataset, or the manifest of a kept
   *     version is unreadable, so that its files are unknown
   */
  public static DatasetExpiry plan(DatasetFolder dataset, int keep, Instant before)
      throws IOException {
    if (keep < 1) {
      throw new InvalidInputException(
          "keep is " + keep + "; at least the newest version has to stay");
    }
    List<Integer> versions = dataset.requireVersions();
    int numWithdrawn = Math.max(0, versions.size() - keep);
    DatasetExpiry expiry =
        new DatasetExpiry(
            dataset,
            versions.subList(numWithdrawn, versions.size()),
            versions.subList(0, numWithdrawn));
    expiry.findLeftovers(before);
    return expiry;
  }

  /** Kept versions, ascending. */
  public List<Integer> kept() {
    return kept;
  }

  /** Versions to withdraw, ascending. */
  public List<Integer> withdrawn() {
    return withdrawn;
  }

  /** Files to delete: those of withdrawn versions and of killed runs. */
  public List<Leftover> deleted() {
    return List.copyOf(deleted);
  }

  /** Unreferenced files that are younger than the grace period. */
  public List<Leftover> tooYoung() {
    return List.copyOf(tooYoung);
  }

  /** Total size of the files to delete, in bytes. */
  public long bytes() {
    return deleted.stream().mapToLong(Leftover::bytes).sum();
  }

  /**
   * Executes the plan, except for files that a version published meanwhile references.
   *
   * @param told receives a message after each step
   */
  public void carryOut(Consumer<String> told) throws IOException {
    Set<String> staying = named(kept);
    for (int version : withdrawn) {
      if (namesOnly(dataset.read(version), staying)) {
        dataset.withdrawReadable(version);
        told.accept("withdrew version " + version + "; runs pinned to it can still read it");
      } else {
        dataset.withdraw(version);
        told.accept("withdrew version " + version);
      }
    }
    Set<String> named = named(dataset.versions());
    for (Leftover leftover : deleted) {
      if (isNamed(leftover.path(), named)) {
        continue;
      }
      if (!dataset.fileSystem().delete(leftover.path(), /* recursive= */ true)
          && dataset.fileSystem().exists(leftover.path())) {
        throw new IOException("Cannot delete " + leftover.path());
      }
      told.accept(
          String.format(Locale.ROOT, "deleted %s, %d bytes", leftover.path(), leftover.bytes()));
    }
  }

  /** Full paths of all files that these versions reference. */
  private Set<String> named(List<Integer> versions) throws IOException {
    Set<String> named = new HashSet<>();
    for (int version : versions) {
      Manifest manifest = dataset.read(version);
      named.add(dataset.pathOf(manifest.run().rejectsFile()).toString());
      manifest.shards().forEach(shard -> named.add(dataset.pathOf(shard.file()).toString()));
    }
    return named;
  }

  private boolean namesOnly(Manifest manifest, Set<String> staying) {
    return manifest.shards().stream()
        .allMatch(shard -> staying.contains(dataset.pathOf(shard.file()).toString()));
  }

  /** Whether all files of a withdrawn version are kept. */
  private boolean isReadable(int version, Set<String> staying) throws IOException {
    try {
      Optional<Manifest> manifest = dataset.find(version);
      return manifest.isPresent() && namesOnly(manifest.get(), staying);
    } catch (IllegalArgumentException | ChecksumException e) {
      return false; // damaged, so no run can be pinned to it
    }
  }

  /** Whether it, or a file in it, is referenced. */
  private static boolean isNamed(Path path, Set<String> named) {
    String folder = path + "/";
    return named.contains(path.toString())
        || named.stream().anyMatch(file -> file.startsWith(folder));
  }

  private void findLeftovers(Instant before) throws IOException {
    Set<String> named = named(kept);
    for (FileStatus run : dataset.list(dataset.pathOf(DatasetLayout.DATA))) {
      if (!isNamed(run.getPath(), named)) {
        sort(run, before);
        continue;
      }
      for (FileStatus file : dataset.list(run.getPath())) {
        if (!isNamed(file.getPath(), named)) {
          sort(file, before);
        }
      }
    }
    for (FileStatus file : dataset.list(dataset.pathOf(DatasetLayout.VERSIONS))) {
      String name = file.getPath().getName();
      OptionalInt version = DatasetFolder.withdrawnVersion(name);
      if (DatasetFolder.isPartialManifest(name)
          || (version.isPresent() && !isReadable(version.getAsInt(), named))) {
        sort(file, before);
      }
    }
  }

  private void sort(FileStatus found, Instant before) throws IOException {
    Extent extent = new Extent();
    extent.add(dataset.fileSystem(), found);
    // Object stores have no reliable modification time of folders, so it is used only for folders
    // without files.
    long newest = extent.hasFile ? extent.newestMillis : found.getModificationTime();
    Leftover leftover = new Leftover(found.getPath(), extent.bytes, Instant.ofEpochMilli(newest));
    (leftover.newest().isBefore(before) ? deleted : tooYoung).add(leftover);
  }

  private static final class Extent {
    private long bytes;
    private long newestMillis;
    private boolean hasFile;

    void add(FileSystem fileSystem, FileStatus found) throws IOException {
      if (found.isDirectory()) {
        for (FileStatus inside : fileSystem.listStatus(found.getPath())) {
          add(fileSystem, inside);
        }
      } else {
        hasFile = true;
        bytes += found.getLen();
        newestMillis = Math.max(newestMillis, found.getModificationTime());
      }
    }
  }
}
