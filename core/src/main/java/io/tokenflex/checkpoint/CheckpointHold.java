package io.tokenflex.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.storage.Publication;
import io.tokenflex.storage.RandomNames;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reader's hold on a checkpoint: training does not delete it before it is closed.
 *
 * <p>A hold is a small file with a date that its owner moves on while it lives. A reader writes it
 * and then looks whether the checkpoint stays; who deletes says so in a file beside the holds and
 * then looks for holds. So one of them sees the other, and the manifest is there while it is read.
 */
public final class CheckpointHold implements AutoCloseable {
  private static final String FOLDER = CheckpointCatalog.READERS;

  /** How long a hold outlives a reader that was killed on another machine. */
  private static final Duration VALIDITY = Duration.ofMinutes(10);

  /** Beside the holds: a checkpoint that is about to be removed. */
  private static final String REMOVING = FOLDER + "/removing-";

  /** How long the word of a removal counts whose writer was killed on another machine. */
  private static final Duration REMOVAL_VALIDITY = Duration.ofMinutes(1);

  /** How long a reader waits until a removal is decided, which takes a few calls. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration POLL = Duration.ofMillis(20);
  private static final int MAX_TRIES = 20;
  private static final Logger log = LoggerFactory.getLogger(CheckpointHold.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Storage storage;
  private final String folder;
  private final WriterIdentity reader = WriterIdentity.ofThisProcess();
  private final ScheduledExecutorService renewal =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "checkpoint-hold");
            thread.setDaemon(true);
            return thread;
          });
  private ScheduledFuture<?> renewing;
  private String file;
  private boolean closed;

  /** What the file says. */
  private record Content(WriterIdentity reader, String until) {}

  private CheckpointHold(Storage storage, String folder) {
    this.storage = storage;
    this.folder = folder;
  }

  /** Holds the newest checkpoint, if there is one. */
  public static Optional<CheckpointHold> newest(Storage storage) throws IOException {
    CheckpointCatalog catalog = new CheckpointCatalog(storage);
    String last = "";
    for (int i = 0; i < MAX_TRIES; i++) {
      List<String> folders = catalog.publishedFolders();
      if (folders.isEmpty()) {
        return Optional.empty();
      }
      last = folders.get(folders.size() - 1);
      Optional<CheckpointHold> hold = of(storage, last);
      if (hold.isPresent()) {
        return hold;
      }
    }
    throw new IOException(
        String.format(
            Locale.ROOT,
            "Training deletes checkpoints faster than they can be held: %s and %d before it are gone;"
                + " raise train.keepCheckpoints",
            storage.locationOf(last),
            MAX_TRIES - 1));
  }

  /**
   * Holds a checkpoint; empty if it is not there. Where the hold cannot be written, the checkpoint
   * can be read all the same, as long as training leaves it there.
   */
  public static Optional<CheckpointHold> of(Storage storage, String folder) throws IOException {
    return of(storage, folder, PATIENCE);
  }

  static Optional<CheckpointHold> of(Storage storage, String folder, Duration patience)
      throws IOException {
    CheckpointHold hold = new CheckpointHold(storage, folder);
    hold.renew();
    hold.renewing =
        hold.renewal.scheduleAtFixedRate(
            hold::renew, VALIDITY.toMillis() / 3, VALIDITY.toMillis() / 3, TimeUnit.MILLISECONDS);
    if (stays(storage, folder, patience)) {
      return Optional.of(hold);
    }
    hold.close();
    return Optional.empty();
  }

  /** Whether a checkpoint is there and nobody removes it without having seen the hold. */
  private static boolean stays(Storage storage, String folder, Duration patience)
      throws IOException {
    CheckpointCatalog catalog = new CheckpointCatalog(storage);
    long end = System.nanoTime() + patience.toNanos();
    while (isBeingRemoved(storage, folder)) {
      if (!catalog.isPublished(folder) || System.nanoTime() > end) {
        return false;
      }
      LockSupport.parkNanos(POLL.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("Interrupted while " + folder + " was to be held");
      }
    }
    return catalog.isPublished(folder); // after the word: it may have been removed until now
  }

  /** Tells readers that a checkpoint goes unless one holds it already. */
  static void announceRemoval(Storage storage, String folder) throws IOException {
    Content content =
        new Content(
            WriterIdentity.ofThisProcess(), Instant.now().plus(REMOVAL_VALIDITY).toString());
    byte[] word = JSON.writeValueAsBytes(content);
    if (!Publication.publish(storage, REMOVING + folder, word)) { // of an attempt that ended
      storage.delete(REMOVING + folder);
      Publication.publish(storage, REMOVING + folder, word);
    }
  }

  /** The checkpoint was removed, or stays. */
  static void removalIsOver(Storage storage, String folder) throws IOException {
    storage.delete(REMOVING + folder);
  }

  private static boolean isBeingRemoved(Storage storage, String folder) throws IOException {
    String word = REMOVING + folder;
    return storage.list(FOLDER).contains(word.substring(FOLDER.length() + 1))
        && isValid(storage, word);
  }

  /** The held folder's location. */
  public String location() {
    return storage.locationOf(folder);
  }

  /** The new date in a new file: a file is never seen half written. */
  private synchronized void renew() {
    if (closed) {
      return;
    }
    String before = file;
    String next = FOLDER + "/" + folder + "." + RandomNames.next() + ".json";
    try {
      Content content = new Content(reader, Instant.now().plus(VALIDITY).toString());
      Publication.publish(storage, next, JSON.writeValueAsBytes(content));
      file = next;
      if (before != null) {
        storage.delete(before);
      }
    } catch (IOException e) {
      log.warn(
          "Cannot hold {} ({}); training may delete it while it is read", location(), e.toString());
    }
  }

  @Override
  public void close() {
    renewing.cancel(false);
    renewal.shutdownNow();
    synchronized (this) {
      closed = true;
      try {
        if (file != null) {
          storage.delete(file);
        }
      } catch (IOException e) {
        log.warn("The hold {} stays until its date: {}", storage.locationOf(file), e.toString());
      }
    }
  }

  /** Whether somebody reads a checkpoint. */
  static boolean isHeld(Storage storage, String folder) throws IOException {
    for (String name : storage.list(FOLDER)) {
      if (name.startsWith(folder + ".") && isValid(storage, FOLDER + "/" + name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isValid(Storage storage, String hold) throws IOException {
    try (InputStream in = storage.open(hold)) {
      Content content = JSON.readValue(in.readAllBytes(), Content.class);
      return Instant.parse(content.until()).isAfter(Instant.now()) && !content.reader().hasEnded();
    } catch (IOException | DateTimeParseException e) {
      log.warn(
          "The hold {} cannot be read, so it counts: {}", storage.locationOf(hold), e.toString());
      return storage.list(FOLDER).contains(hold.substring(FOLDER.length() + 1));
    }
  }

  /** Removes holds of readers and words of removals that have ended. */
  static void removeExpired(Storage storage) throws IOException {
    for (String name : storage.list(FOLDER)) {
      if (!isValid(storage, FOLDER + "/" + name)) {
        storage.delete(FOLDER + "/" + name);
      }
    }
  }
}
