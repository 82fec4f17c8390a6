package io.tokenflex.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.storage.Publication;
import io.tokenflex.storage.RandomNames;
import io.tokenflex.storage.Storage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A checkpoint that is being saved. Its files lie under their final names in a folder of one
 * attempt, which nobody sees for a checkpoint before its manifest is there. No two ranks need to
 * talk: each reports its files by a small file beside the folder, and who publishes waits for all.
 *
 * <p>A folder belongs for good to the attempt that took its name: another one that comes to the
 * same step takes another name. So whatever a replaced attempt still writes or deletes, it is its
 * own.
 */
final class CheckpointDraft {
  /** Says whose the folder is; stays when the rest of a broken save is removed. */
  private static final String CLAIM = "attempt.json";

  private static final Duration MAX_PAUSE = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(CheckpointDraft.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Storage storage;
  private final String folder;
  private byte[] manifest;

  /** Whose a folder is; {@code id} tells two saves of one attempt apart. */
  private record Claim(long attempt, WriterIdentity writer, String id) {}

  /** Ends a wait by an exception when it has become pointless. */
  @FunctionalInterface
  interface Check {
    void run() throws IOException;
  }

  private CheckpointDraft(Storage storage, String folder) {
    this.storage = storage;
    this.folder = folder;
  }

  /** The draft in a folder that an attempt has begun. */
  static CheckpointDraft in(Storage storage, String folder) {
    return new CheckpointDraft(storage, folder);
  }

  /**
   * Begins the checkpoint of a step: takes a name that no attempt has had.
   *
   * @throws IOException if the step is published already
   */
  static CheckpointDraft begin(Storage storage, long step, WriterAttempt attempt)
      throws IOException {
    String usual = CheckpointCatalog.folderOf(step);
    Optional<String> published = new CheckpointCatalog(storage).find(usual);
    if (published.isPresent()) {
      throw new IOException(
          storage.locationOf(published.get())
              + " is published already, by another attempt; this one ends");
    }
    Claim claim = new Claim(attempt.number(), attempt.writer(), RandomNames.next());
    byte[] content = JSON.writeValueAsBytes(claim);
    for (String folder : List.of(usual, CheckpointCatalog.anotherFolderOf(step))) {
      boolean isTaken =
          Publication.publish(storage, CheckpointCatalog.saveOf(folder) + "/" + CLAIM, content);
      if (isTaken && storage.list(folder).isEmpty()) {
        return new CheckpointDraft(storage, folder);
      }
    }
    throw new IOException("No name is free for a checkpoint of step " + step); // 64 random bits
  }

  /** The name of the folder. */
  String folder() {
    return folder;
  }

  private String beside(String name) {
    return CheckpointCatalog.saveOf(folder) + "/" + name;
  }

  private static String partOf(int rank, int worldSize) {
    return String.format(Locale.ROOT, "part-%05d-of-%05d.json", rank + 1, worldSize);
  }

  /** Says that a rank has written its files, which are durable. */
  void report(int rank, int worldSize, List<CheckpointManifest.Entry> files) throws IOException {
    createOnce(beside(partOf(rank, worldSize)), JSON.writeValueAsBytes(files));
  }

  /**
   * Waits until every rank has reported.
   *
   * @param limit after which the wait ends, {@link Checkpoints#TIMEOUT}
   * @param check called now and then
   * @return the files of all ranks, in the order of ranks
   */
  List<CheckpointManifest.Entry> awaitParts(int worldSize, Duration limit, Check check)
      throws IOException {
    long end = System.nanoTime() + limit.toNanos();
    Map<Integer, List<CheckpointManifest.Entry>> parts = new HashMap<>();
    for (long pause = 1_000_000; ; pause = Math.min(2 * pause, MAX_PAUSE.toNanos())) {
      List<Integer> missing = new ArrayList<>();
      List<String> names = storage.list(CheckpointCatalog.saveOf(folder));
      for (int rank = 0; rank < worldSize; rank++) {
        String part = partOf(rank, worldSize);
        if (!parts.containsKey(rank) && !names.contains(part)) {
          missing.add(rank);
        } else if (!parts.containsKey(rank)) {
          parts.put(
              rank, List.of(JSON.readValue(read(beside(part)), CheckpointManifest.Entry[].class)));
        }
      }
      if (missing.isEmpty()) {
        List<CheckpointManifest.Entry> files = new ArrayList<>();
        for (int rank = 0; rank < worldSize; rank++) {
          files.addAll(parts.get(rank));
        }
        return files;
      }
      check.run();
      if (System.nanoTime() - end > 0) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "Ranks %s have not written their parts of checkpoint %s within %s = %s; raise it, or"
                    + " look at what makes the storage slow",
                missing,
                storage.locationOf(folder),
                Checkpoints.TIMEOUT,
                limit));
      }
      LockSupport.parkNanos(pause);
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("Interrupted while parts of " + folder + " were awaited");
      }
    }
  }

  /** Writes down what is to be published, so that whoever comes next can do it too. */
  void complete(long step, List<CheckpointManifest.Entry> files) throws IOException {
    manifest =
        JSON.writeValueAsBytes(
            new CheckpointManifest(CheckpointManifest.FORMAT_VERSION, step, files));
    createOnce(beside(CheckpointManifest.FILE_NAME), manifest);
  }

  private void createOnce(String file, byte[] content) throws IOException {
    if (!Publication.publish(storage, file, content)) {
      throw new IOException(storage.locationOf(file) + " holds what this attempt did not write");
    }
  }

  /** Makes this draft, which was completed here, a checkpoint, by one act. */
  void publish() throws IOException {
    createOnce(CheckpointCatalog.manifestOf(folder), manifest);
  }

  /**
   * Does the same for a draft that another attempt completed and announced; both may do so, with
   * the same bytes.
   *
   * @return false if nothing is there to publish: it was published and removed since, or an earlier
   *     version announced it
   */
  boolean finish() throws IOException {
    byte[] content;
    try {
      content = read(beside(CheckpointManifest.FILE_NAME));
    } catch (FileNotFoundException e) {
      return false;
    }
    for (CheckpointManifest.Entry file : filesOf(content)) {
      if (!isThere(file)) {
        return false;
      }
    }
    createOnce(CheckpointCatalog.manifestOf(folder), content);
    return true;
  }

  /**
   * Takes back the manifest that this attempt created, if the checkpoint had been published and
   * removed by another one before.
   *
   * @return whether the checkpoint is gone
   */
  boolean takeBackIfRemoved() throws IOException {
    String place = CheckpointCatalog.manifestOf(folder);
    try {
      if (isThere(filesOf(read(place)).get(0))) { // this rank's own
        return false;
      }
    } catch (FileNotFoundException e) {
      return true;
    }
    storage.delete(place);
    return true;
  }

  private static List<CheckpointManifest.Entry> filesOf(byte[] manifest) throws IOException {
    return JSON.readValue(manifest, CheckpointManifest.class).files();
  }

  /** Not by a listing, which a mounted file system may have kept from before. */
  private boolean isThere(CheckpointManifest.Entry file) throws IOException {
    try {
      storage.open(folder + "/" + file.name()).close();
      return true;
    } catch (FileNotFoundException e) {
      log.warn("{} has no {} any more", storage.locationOf(folder), file.name());
      return false;
    }
  }

  private byte[] read(String file) throws IOException {
    try (InputStream in = storage.open(file)) {
      return in.readAllBytes();
    }
  }

  /** The attempt that a folder belongs to; 0 if nothing says so. */
  long attempt() throws IOException {
    try {
      return JSON.readValue(read(beside(CLAIM)), Claim.class).attempt();
    } catch (FileNotFoundException e) {
      return 0;
    }
  }

  /** Removes all of a draft that is not published and never will be; its name stays taken. */
  void discard() throws IOException {
    storage.delete(folder);
    for (String name : storage.list(CheckpointCatalog.saveOf(folder))) {
      if (!name.equals(CLAIM)) {
        storage.delete(beside(name));
      }
    }
  }

  /** Removes what says whose the folder is: its name is free for whoever comes to this step. */
  void forget() throws IOException {
    storage.delete(CheckpointCatalog.saveOf(folder));
  }
}
