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
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Verifies the files of a checkpoint, or of its subfolder {@code adapter}, against the digests in
 * the checkpoint's manifest.
 *
 * <p>Folders without a manifest, such as imported models, pass. Optimizer state is not checked: it
 * is only needed to resume training and may be absent from a copy.
 */
public final class ManifestDigests {
  /** File name of a checkpoint's manifest (docs/format/checkpoint.md). */
  public static final String FILE_NAME = "manifest.json";

  /** How the names of a checkpoint's files of optimizer state begin. */
  public static final String OPTIMIZER = "optimizer-";

  /** Name of the file that says where a checkpoint's run stands. */
  public static final String TRAIN_STATE = "train_state.json";

  private static final int BUFFER_BYTES = 1 << 18;
  private static final ObjectMapper JSON = new ObjectMapper();

  private ManifestDigests() {}

  /**
   * Reads every listed file of the folder once, as a stream.
   *
   * @throws DamagedDataException naming the first file that is missing or differs
   */
  public static void check(Path folder) throws IOException {
    Path whole = folder.toAbsolutePath().normalize();
    if (Files.exists(whole.resolve(FILE_NAME))) {
      check(whole, "", whole.resolve(FILE_NAME));
    } else if (whole.getParent() != null && Files.exists(whole.getParent().resolve(FILE_NAME))) {
      check(whole, whole.getFileName() + "/", whole.getParent().resolve(FILE_NAME));
    }
  }

  /**
   * The digests of a model's files as a checkpoint's manifest lists them, by name; empty if it
   * lists none.
   *
   * @param place of the manifest, for messages
   * @throws DamagedDataException if it is no JSON
   */
  public static SortedMap<String, String> ofModel(byte[] manifest, String place)
      throws IOException {
    SortedMap<String, String> digests = new TreeMap<>();
    for (JsonNode entry : files(manifest, place)) {
      String name = entry.path("name").asText();
      if (!isOnlyForTraining(name)) {
        digests.put(name, entry.path("sha256").asText());
      }
    }
    return digests;
  }

  /** Whether a file is part of the training state rather than of the model. */
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
    JsonNode files = files(Files.readAllBytes(manifest), manifest.toString());
    if (!files.isArray() && Files.exists(manifest.resolveSibling(TRAIN_STATE))) {
      throw new DamagedDataException(
          "The manifest "
              + manifest
              + " lists no files, so the weights cannot be checked"
              + nextMove());
    }
    return files; // a manifest of another program
  }

  private static JsonNode files(byte[] manifest, String place) throws IOException {
    try {
      return JSON.readTree(manifest).path("files");
    } catch (JsonProcessingException e) {
      throw new DamagedDataException(
          "Cannot read the manifest " + place + ": " + e.getOriginalMessage() + nextMove(), e);
    }
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
