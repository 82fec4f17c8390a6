package io.tokenflex.checkpoint;

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

  private final CheckpointStorage storage;
  private final CheckpointCatalog catalog;
  private final PublishingRight right;
  private final int keep;

  Retention(CheckpointStorage storage, PublishingRight right, int keep) {
    this.storage = storage;
    this.catalog = new CheckpointCatalog(storage);
    this.right = right;
    this.keep = keep;
  }

  /** Removes staging folders of attempts before this one. */
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

  private void leftovers() throws IOException {
    for (String name : storage.list("")) {
      boolean staging =
          name.startsWith(CheckpointCatalog.STAGING)
              && CheckpointCatalog.attemptOf(name) < right.attempt();
      if ((staging || name.startsWith(CheckpointCatalog.ASIDE)) && right.isHeld()) {
        quietly(name, () -> storage.delete(name));
      }
    }
  }

  private void oldCheckpoints() throws IOException {
    List<String> published = catalog.publishedFolders();
    List<String> kept = published.subList(Math.max(0, published.size() - keep), published.size());
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
