package io.tokenflex.checkpoint;

import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** One attempt's right to publish and to delete; it ends when another attempt begins. */
final class PublishingRight {
  private static final int MAX_TRIES = 100;

  private final Storage storage;
  private final WriterLog log;
  private WriterAttempt attempt;
  private long position;

  /**
   * The right of an attempt.
   *
   * @param attempt that has begun; if empty, {@link #begin} begins one
   */
  PublishingRight(Storage storage, Optional<WriterAttempt> attempt) {
    this.storage = storage;
    this.log = new WriterLog(storage);
    this.attempt = attempt.orElse(null);
    this.position = attempt.map(WriterAttempt::number).orElse(0L);
  }

  /** Begins an attempt, if none has begun yet, whoever was at work before. */
  void begin() throws IOException {
    WriterIdentity self = WriterIdentity.ofThisProcess();
    for (int i = 0; attempt == null; i++) {
      long number = log.last() + 1;
      if (log.append(WriterRecord.begin(number, self))) {
        attempt = new WriterAttempt(self, number);
        position = number;
      } else if (i == MAX_TRIES) {
        throw new IOException(
            "Others keep writing into " + storage.locationOf(CheckpointCatalog.WRITER));
      }
    }
  }

  boolean isHeld() throws IOException {
    return log.last() == position;
  }

  /**
   * For who waits to publish a checkpoint.
   *
   * @throws AttemptReplacedException if another attempt has begun
   */
  void check(String folder) throws IOException {
    if (!isHeld()) {
      throw replaced(folder);
    }
  }

  /** The attempt, which has begun. */
  WriterAttempt attempt() {
    return attempt;
  }

  /**
   * Announces that a complete draft becomes a checkpoint; from now on this is done by whoever comes
   * next if not by the caller.
   *
   * @throws AttemptReplacedException if another attempt has begun
   * @throws StateUnknownException if nobody can tell
   */
  void announce(String folder) throws IOException {
    long number = position + 1;
    if (!log.append(WriterRecord.publish(number, attempt.writer(), folder))) {
      throw replaced(folder);
    }
    position = number;
    log.prune();
  }

  AttemptReplacedException replaced(String folder) {
    String by;
    try {
      by = log.head().map(head -> " (" + head.writer() + ")").orElse("");
    } catch (IOException e) {
      by = "";
    }
    return new AttemptReplacedException(
        String.format(
            Locale.ROOT,
            "Another attempt%s has begun on %s meanwhile, so this one publishes no %s and ends",
            by,
            storage.locationOf(""),
            folder));
  }
}
