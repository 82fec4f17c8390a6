package io.tokenflex.checkpoint;

import io.tokenflex.storage.Publication;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Which attempts may still be deleting the drafts of attempts before them.
 *
 * <p>An attempt says that it removes, then looks whether it has been replaced, then deletes, and
 * says so when every deletion has been answered. Who wants to know has replaced it before it looks
 * here. So either that one sees the word, or the removing one sees that it was replaced and deletes
 * nothing.
 */
final class DraftRemovals {
  private static final String BEGUN = ".removing";
  private static final String DONE = ".removed";
  private static final byte[] NOTHING = {};

  private final Storage storage;

  DraftRemovals(Storage storage) {
    this.storage = storage;
  }

  private static String nameOf(long attempt, String word) {
    return String.format(Locale.ROOT, "%012d%s", attempt, word);
  }

  private void say(long attempt, String word) throws IOException {
    Publication.publish(storage, CheckpointCatalog.WRITER + "/" + nameOf(attempt, word), NOTHING);
  }

  /** To be followed by a look whether the attempt has been replaced, before each deletion. */
  void begin(long attempt) throws IOException {
    say(attempt, BEGUN);
  }

  /** Every deletion was answered and none follows. */
  void end(long attempt) throws IOException {
    say(attempt, DONE);
  }

  /**
   * Whether no attempt from {@code first} to {@code last}, which has begun, deletes a draft from
   * now on, however late. False if that cannot be told: a deletion was not answered, records are
   * gone, or an earlier version of this program was at work, which said nothing of deletions.
   */
  boolean areOver(long first, long last) throws IOException {
    List<String> names = storage.list(CheckpointCatalog.WRITER);
    WriterLog log = new WriterLog(storage);
    for (long number = first; number <= last; number++) {
      boolean isOver =
          names.contains(nameOf(number, WriterLog.SUFFIX))
              && (names.contains(nameOf(number, DONE)) || !names.contains(nameOf(number, BEGUN)))
              && log.read(number).tellsRemovals();
      if (!isOver) {
        return false;
      }
    }
    return true;
  }
}
