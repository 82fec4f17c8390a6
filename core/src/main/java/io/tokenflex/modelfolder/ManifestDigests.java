package io.tokenflex.modelfolder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.DamagedDataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * Compares the files of a model folder with the digests in the manifest of the checkpoint that the
 * folder is, or, as a checkpoint's {@code adapter}, is part of.
 *
 * <p>Folders without a manifest, such as those that {@code import} writes, have no digests and
 * pass. What only training reads (optimizer state) is not looked at: it need not have been copied
 * along.
 */
public final class ManifestDigests {
  /** Name of a checkpoint's manifest, as docs/format/checkpoint.md says. */
  public static final String FILE_NAME = "manifest.json";

  private static final String OPTIMIZER = "optimizer-";
  private static final String TRAIN_STATE = "train_state.json";
  private static final int BUFFER_BYTES = 1 << 18;
  private static final ObjectMapper JSON = new ObjectMapper();

  private ManifestDigests() {}

  /**
   * Reads every file of the folder that the manifest names, once, piece by piece.
   *
   * @throws DamagedDataException naming the first file that is missing or is not what was written
   */
  public static void check(Path folder) throws IOException {
    Path whole = folder.toAbsolutePath().normalize();
    if (Files.exists(whole.resolve(FILE_NAME))) {
      check(whole, "", whole.resolve(FILE_NAME));
    } else if (whole.getParent() != null && Files.exists(whole.getParent().resolve(FILE_NAME))) {
      check(whole, whole.getFileName() + "/", whole.getParent().resolve(FILE_NAME));
    }
  }

  /** Whether a file belongs to the state of training and not to the model. */
  public static boolean isOnlyForTraining(String name) {
    return name.startsWith(OPTIMIZER) || name.equals(TRAIN_STATE);
  }

  private static void check(Path folder, String prefix, Path manifest) throws IOException {
    for (JsonNode entry : entries(manifest)) {
      String name = entry.path("name").asText();
      String own = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
      if (!own.isEmpty() && !own.contains("/") && !isOnlyForTraining(own)) {
        compare(folder.resolve(own), entry, manifest);
      }
    }
  }

  private static JsonNode entries(Path manifest) throws IOException {
    JsonNode files;
    try {
      files = JSON.readTree(Files.readAllBytes(manifest)).path("files");
    } catch (JsonProcessingException e) {
      throw new DamagedDataException(
          "Cannot read the manifest " + manifest + ": " + e.getOriginalMessage() + nextMove(), e);
    }
    if (!files.isArray() && Files.exists(manifest.resolveSibling(TRAIN_STATE))) {
      throw new DamagedDataException(
          "The manifest "
              + manifest
              + " lists no files, so the weights cannot be checked"
              + nextMove());
    }
    return files; // another program's manifest lists nothing that is looked for here
  }

  private static void compare(Path file, JsonNode entry, Path manifest) throws IOException {
    String expected = entry.path("sha256").asText();
    String actual;
    try {
      actual = sha256(file);
    } catch (NoSuchFileException e) {
      throw new DamagedDataException(
          "Checkpoint file " + file + " is missing; " + manifest + " lists it" + nextMove(), e);
    }
    if (!actual.equals(expected)) {
      throw new DamagedDataException(
          "Checkpoint file "
              + file
              + " was changed after it was written: sha256 is "
              + actual
              + ", the manifest says "
              + expected
              + nextMove());
    }
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest = Digests.sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return Digests.hex(digest);
  }

  private static String nextMove() {
    return ". Take another checkpoint, or copy the folder again";
  }
}
