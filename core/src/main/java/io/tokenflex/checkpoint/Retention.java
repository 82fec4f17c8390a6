package io.tokenflex.checkpoint;

import io.tokenflex.storage.Storage;
import java.io.IOException;
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

  /** Removes what attempts before this one have written and not published. */
  void removeLeftovers() {
    quietly("what earlier attempts left", this::leftovers);
  }

  /** Removes all that need not stay. */
  void run() {
    quietly("old checkpoints", this::oldCheckpoints);
    quietly("what earlier attempts left", this::leftovers);
    quietly("holds of readers that have ended", () -> CheckpointHold.removeExpired(storage));
  }

  private interface Work {
    void run() throws IOException;
  }

  private void quietly(String what, Work work) {
    try {
      work.run();
    } catch (IOException | RuntimeException e) {
      log.warn(
          "Cannot remove {} in {} ({}); tried again with the next checkpoint",
          what,
          storage.locationOf(""),
          e.toString());
    }
  }

  /**
   * What is deleted was listed while the right was held, so it is of attempts before this one: the
   * names that later ones take are others.
   */
  private void leftovers() throws IOException {
    List<String> published = catalog.publishedFolders();
    long oldest = kept(published).stream().mapToLong(CheckpointCatalog::stepOf).min().orElse(0);
    for (String folder : storage.list(CheckpointCatalog.SAVES)) {
      quietly(folder, () -> leftover(CheckpointDraft.in(storage, folder), published, oldest));
    }
    for (String name : storage.list("")) {
      if (CheckpointCatalog.isLeftByEarlierVersion(name, right.attempt().number())
          && right.isHeld()) {
        quietly(name, () -> storage.delete(name));
      }
    }
  }

  private void leftover(CheckpointDraft draft, List<String> published, long oldest)
      throws IOException {
    if (published.contains(draft.folder())) {
      if (right.isHeld()) {
        draft.forget();
      }
    } else if (draft.attempt() < right.attempt().number() && right.isHeld()) {
      draft.discard();
      // Nobody comes to that step again, so its name need not be kept from anybody.
      if (CheckpointCatalog.stepOf(draft.folder()) < oldest) {
        draft.forget();
      }
    }
  }

  private List<String> kept(List<String> published) {
    return published.subList(Math.max(0, published.size() - keep), published.size());
  }

  private void oldCheckpoints() throws IOException {
    List<String> kept = kept(catalog.publishedFolders());
    for (String name : storage.list("")) {
      boolean old = CheckpointCatalog.isStep(name) && !kept.contains(name);
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
