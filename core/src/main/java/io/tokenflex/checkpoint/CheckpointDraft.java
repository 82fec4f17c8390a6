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
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A checkpoint that is being saved by one attempt. Its files lie under their final names in a
 * folder which nobody sees for a checkpoint before its manifest is there. No two ranks need to
 * talk: each reports its files by a small file beside the folder, in a place of the attempt, and
 * who publishes waits for all.
 *
 * <p>Attempts that come to the same step one after the other use the same folder. What a replaced
 * one still writes cannot replace a file of the next one, since files are only ever created, and
 * what it still deletes is out of the way, or the next one takes another name.
 */
final class CheckpointDraft {
  /**
   * In the place of an attempt: it has used the folder. In the place of the folder itself: this
   * belongs to one attempt for good, as all did in earlier versions. Stays when the rest of a
   * broken save is removed.
   */
  private static final String CLAIM = "attempt.json";

  private static final Pattern ATTEMPT = Pattern.compile("\\d{12}");
  private static final Duration MAX_PAUSE = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(CheckpointDraft.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Storage storage;
  private final String folder;
  private final String place;
  private byte[] manifest;

  /** Who uses a folder; {@code id} tells two saves of one attempt apart. */
  private record Claim(long attempt, WriterIdentity writer, String id) {}

  /** Ends a wait by an exception when it has become pointless. */
  @FunctionalInterface
  interface Check {
    void run() throws IOException;
  }

  private CheckpointDraft(Storage storage, String folder, String place) {
    this.storage = storage;
    this.folder = folder;
    this.place = place;
  }

  /** The draft that an attempt has begun in a folder. */
  static CheckpointDraft in(Storage storage, String folder, long attempt) {
    String place =
        String.format(Locale.ROOT, "%s/%012d", CheckpointCatalog.saveOf(folder), attempt);
    return new CheckpointDraft(storage, folder, place);
  }

  /**
   * The draft of the last attempt that used a folder.
   *
   * @param until the highest number of an attempt that counts
   */
  static CheckpointDraft lastIn(Storage storage, String folder, long until) throws IOException {
    String place = CheckpointCatalog.saveOf(folder);
    OptionalLong last = attempts(storage.list(place)).filter(attempt -> attempt <= until).max();
    return last.isPresent()
        ? in(storage, folder, last.getAsLong())
        : new CheckpointDraft(storage, folder, place); // of an earlier version
  }

  private static LongStream attempts(List<String> names) {
    return names.stream()
        .filter(name -> ATTEMPT.matcher(name).matches())
        .mapToLong(Long::parseLong);
  }

  /**
   * Begins the checkpoint of a step, under its plain name if no attempt before can interfere with
   * that, else under one that nobody has used.
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
      CheckpointDraft draft = in(storage, folder, attempt.number());
      boolean isTaken =
          draft.isUndisturbed(attempt.number(), content)
              && Publication.publish(storage, draft.beside(CLAIM), content);
      if (isTaken && storage.list(folder).isEmpty()) {
        return draft;
      }
    }
    throw new IOException("No name is free for a checkpoint of step " + step); // 64 random bits
  }

  /**
   * Whether nothing that attempts before still do can harm files of the given one in the folder.
   */
  private boolean isUndisturbed(long attempt, byte[] claim) throws IOException {
    if (!storage.createNeverReplaces()) {
      return Publication.publish(storage, claimForGood(), claim);
    }
    List<String> names = storage.list(CheckpointCatalog.saveOf(folder));
    OptionalLong first = attempts(names).min();
    return !names.contains(CLAIM)
        && (first.isEmpty() || new DraftRemovals(storage).areOver(first.getAsLong(), attempt));
  }

  private String claimForGood() {
    return CheckpointCatalog.saveOf(folder) + "/" + CLAIM;
  }

  /** The name of the folder. */
  String folder() {
    return folder;
  }

  private String beside(String name) {
    return place + "/" + name;
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
      List<String> names = storage.list(place);
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
   *     version announced it. If only files are missing no other attempt uses the folder from now
   *     on, since the manifest may still come
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
        Publication.publish(storage, claimForGood(), read(beside(CLAIM)));
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

  /** The attempt whose draft it is; 0 if nothing says so. */
  long attempt() throws IOException {
    try {
      return JSON.readValue(read(beside(CLAIM)), Claim.class).attempt();
    } catch (FileNotFoundException e) {
      return 0;
    }
  }

  /** Whether files of this draft, or of those before it in its folder, are there. */
  boolean hasFiles() throws IOException {
    return !storage.list(folder).isEmpty() || !filesBeside().isEmpty();
  }

  /** Removes them; that attempts have used the folder stays known. */
  void discard() throws IOException {
    storage.delete(folder);
    for (String file : filesBeside()) {
      storage.delete(file);
    }
  }

  private List<String> filesBeside() throws IOException {
    String save = CheckpointCatalog.saveOf(folder);
    List<String> files = new ArrayList<>();
    for (String name : storage.list(save)) {
      if (ATTEMPT.matcher(name).matches()) {
        storage.list(save + "/" + name).forEach(file -> files.add(save + "/" + name + "/" + file));
      } else {
        files.add(save + "/" + name);
      }
    }
    files.removeIf(file -> file.endsWith("/" + CLAIM));
    return files;
  }
}
