package io.tokenflex.checkpoint;

import io.tokenflex.modelfolder.ManifestDigests;
import java.util.List;

/**
 * What a checkpoint folder holds; written last, so a folder without it is no checkpoint.
 *
 * @param formatVersion of docs/format/checkpoint.md
 * @param step optimizer updates done
 */
public record CheckpointManifest(int formatVersion, long step, List<Entry> files) {
  /** The version that this code writes and reads. */
  public static final int FORMAT_VERSION = 1;

  /** The manifest's own name. */
  public static final String FILE_NAME = ManifestDigests.FILE_NAME;

  /** One file of the folder. */
  public record Entry(String name, long sizeBytes, String sha256) {}

  public CheckpointManifest {
    files = List.copyOf(files);
  }
}
