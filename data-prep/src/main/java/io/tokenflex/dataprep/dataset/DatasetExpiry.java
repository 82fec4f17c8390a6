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
 * Makes room: withdraws old versions and deletes what no version names any more.
 *
 * <p>A withdrawn version whose shards all belong to newer versions too can still be read by its
 * number: a training run may be pinned to it.
 *
 * <p>Manifests go first, files after them, so a crash at any point leaves every remaining version
 * whole; running again deletes the rest. What is younger than the grace period stays, for it may
 * belong to a run at work or to a reader of a version that was just withdrawn.
 */
public final class DatasetExpiry {
  private final DatasetFolder dataset;
  private final List<Integer> kept;
  private final List<Integer> withdrawn;
  private final List<Leftover> deleted = new ArrayList<>();
  private final List<Leftover> tooYoung = new ArrayList<>();

  /**
   * A file, or a folder with all that is in it, that no remaining version names.
   *
   * @param newest when something in it was last written
   */
  public record Leftover(Path path, long bytes, Instant newest) {}

  private DatasetExpiry(DatasetFolder dataset, List<Integer> kept, List<Integer> withdrawn) {
    this.dataset = dataset;
    this.kept = List.copyOf(kept);
    this.withdrawn = List.copyOf(withdrawn);
  }

  /**
   * Finds what would go; changes nothing.
   *
   * @param keep how many of the newest versions stay, at least 1
   * @param before files written at this moment or later stay
   * @throws IllegalArgumentException if the folder holds no dataset, or a version that is kept
   *     cannot be read: then nobody knows what it names
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

  /** Versions that stay, ascending. */
  public List<Integer> kept() {
    return kept;
  }

  /** Versions that go, ascending. */
  public List<Integer> withdrawn() {
    return withdrawn;
  }

  /** What goes with them, and what killed runs left. */
  public List<Leftover> deleted() {
    return List.copyOf(deleted);
  }

  /** What no remaining version names but is younger than the grace period. */
  public List<Leftover> tooYoung() {
    return List.copyOf(tooYoung);
  }

  /** Size of all that is deleted. */
  public long bytes() {
    return deleted.stream().mapToLong(Leftover::bytes).sum();
  }

  /**
   * Does what was planned, except to files that a version published meanwhile names.
   *
   * @param told gets each step once it is done
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

  /** Full paths of every file that these versions name. */
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

  /** Whether all that a withdrawn version names stays. */
  private boolean isReadable(int version, Set<String> staying) throws IOException {
    try {
      Optional<Manifest> manifest = dataset.find(version);
      return manifest.isPresent() && namesOnly(manifest.get(), staying);
    } catch (IllegalArgumentException | ChecksumException e) {
      return false; // damaged: nobody can be pinned to it
    }
  }

  /** Whether it, or anything in it, is named. */
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
    // Object stores give folders no time of their own; it counts only where there is no file.
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
