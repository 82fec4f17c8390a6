package io.tokenflex.checkpoint;

import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the newest checkpoints and those that somebody reads; removes the others, and what attempts
 * that have ended left behind.
 *
 * <p>Nothing here fails the training: what cannot be deleted is named and tried again the next
 * time.
 */
final class Retention {
  private static final Logger log = LoggerFactory.getLogger(Retention.class);

  private final Storage storage;
  private final CheckpointCatalog catalog;
  private final PublishingRight right;
  private final int keep;

  Retention(Storage storage, PublishingRight right, int keep) {
    this.storage = storage;
    this.catalog = new CheckpointCatalog(storage);
    this.right = right;
    this.keep = keep;
  }

  /**
   * Removes what attempts before this one have written and not published. Only here, once, are
   * drafts removed to whose steps this attempt or a later one comes again.
   */
  void removeLeftovers() {
    quietly("what earlier attempts left", this::drafts);
    quietly("what earlier attempts half removed", () -> oldCheckpoints(false));
    quietly("what is done with", this::doneWith);
  }

  /** Removes all that need not stay. */
  void run() {
    quietly("old checkpoints", () -> oldCheckpoints(true));
    quietly("what is done with", this::doneWith);
    quietly("holds of readers that have ended", () -> CheckpointHold.removeExpired(storage));
  }

  private interface Work {
    void run() throws IOException;
  }

  private boolean quietly(String what, Work work) {
    try {
      work.run();
      return true;
    } catch (IOException | RuntimeException e) {
      log.warn(
          "Cannot remove {} in {} ({}); tried again later",
          what,
          storage.locationOf(""),
          e.toString());
      return false;
    }
  }

  /** A deletion that fails may be carried out later; then nobody hears that it is over. */
  private void drafts() throws IOException {
    List<CheckpointDraft> left = new ArrayList<>();
    List<String> published = catalog.publishedFolders();
    for (String folder : storage.list(CheckpointCatalog.SAVES)) {
      CheckpointDraft draft = CheckpointDraft.lastIn(storage, folder, Long.MAX_VALUE);
      if (!published.contains(folder)
          && draft.attempt() < right.attempt().number()
          && draft.hasFiles()) {
        left.add(draft);
      }
    }
    if (left.isEmpty()) {
      return;
    }
    DraftRemovals removals = new DraftRemovals(storage);
    removals.begin(right.attempt().number());
    boolean areOver = true;
    for (CheckpointDraft draft : left) {
      if (right.isHeld()) {
        areOver &= quietly(draft.folder(), draft::discard);
      }
    }
    if (areOver) {
      removals.end(right.attempt().number());
    }
  }

  /**
   * What belonged to the saving of checkpoints that are published, or to whose steps nobody comes
   * again, and what earlier versions left.
   */
  private void doneWith() throws IOException {
    List<String> published = catalog.publishedFolders();
    long oldest = oldestKept(published);
    for (String folder : storage.list(CheckpointCatalog.SAVES)) {
      boolean isOver =
          published.contains(folder)
              || (CheckpointCatalog.isStep(folder) && CheckpointCatalog.stepOf(folder) < oldest);
      if (isOver && right.isHeld()) {
        quietly(folder, () -> storage.delete(CheckpointCatalog.saveOf(folder)));
      }
    }
    for (String name : storage.list("")) {
      if (CheckpointCatalog.isLeftByEarlierVersion(name, right.attempt().number())
          && right.isHeld()) {
        quietly(name, () -> storage.delete(name));
      }
    }
  }

  private List<String> kept(List<String> published) {
    return published.subList(Math.max(0, published.size() - keep), published.size());
  }

  /** The step before which nothing stays; 0 if there is no checkpoint. */
  private long oldestKept(List<String> published) {
    return kept(published).stream().mapToLong(CheckpointCatalog::stepOf).min().orElse(0);
  }

  /**
   * And drafts whose steps the run has passed. Those ahead of it may be a later attempt's.
   *
   * @param publishedToo else only what has no manifest (any more)
   */
  private void oldCheckpoints(boolean publishedToo) throws IOException {
    List<String> published = catalog.publishedFolders();
    List<String> kept = kept(published);
    long oldest = oldestKept(published);
    for (String name : storage.list("")) {
      boolean old =
          CheckpointCatalog.isStep(name)
              && !kept.contains(name)
              && (published.contains(name)
                  ? publishedToo
                  : CheckpointCatalog.stepOf(name) < oldest);
      if (old && !CheckpointHold.isHeld(storage, name) && right.isHeld()) {
        quietly(name, () -> remove(name));
      }
    }
  }

  /**
   * Says that the folder goes, and only then looks for readers: one that comes later sees the word.
   * So nothing of a checkpoint is touched before it is certain that nobody reads it. The manifest
   * goes first: a folder half deleted is no checkpoint.
   */
  private void remove(String folder) throws IOException {
    CheckpointHold.announceRemoval(storage, folder);
    if (!CheckpointHold.isHeld(storage, folder) && right.isHeld()) {
      storage.delete(CheckpointCatalog.manifestOf(folder));
      storage.delete(folder);
    }
    CheckpointHold.removalIsOver(storage, folder);
  }
}
