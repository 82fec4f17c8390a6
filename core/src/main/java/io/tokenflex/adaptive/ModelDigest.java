package io.tokenflex.adaptive;

import io.tokenflex.digest.Digests;
import io.tokenflex.modelfolder.ManifestDigests;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Digest of a model, wherever it lies: of a checkpoint the digests in its manifest, of another
 * folder its files, which are read for it. A calibration beside them is not part of the model.
 */
public final class ModelDigest {
  private ModelDigest() {}

  /** Opens a file of the folder. */
  @FunctionalInterface
  public interface Opener {
    InputStream open(String name) throws IOException;
  }

  /** The digest of a folder on the local disk. */
  public static String of(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return of(
          files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList(),
          name -> Files.newInputStream(folder.resolve(name)),
          folder.toString());
    }
  }

  /**
   * The digest of a folder.
   *
   * @param names of its files
   * @param place for messages
   * @throws IOException if there is no file in it
   */
  public static String of(Collection<String> names, Opener files, String place) throws IOException {
    SortedMap<String, String> digests = new TreeMap<>();
    if (names.contains(ManifestDigests.FILE_NAME)) {
      try (InputStream manifest = files.open(ManifestDigests.FILE_NAME)) {
        digests.putAll(
            ManifestDigests.ofModel(
                manifest.readAllBytes(), place + "/" + ManifestDigests.FILE_NAME));
      }
    }
    if (digests.isEmpty()) {
      for (String name : names) {
        if (!name.startsWith(".") && !name.startsWith(Calibration.FILE_NAME)) {
          digests.put(name, sha256(name, files));
        }
      }
    }
    if (digests.isEmpty()) {
      throw new IOException(
          place + " holds no files; give a checkpoint or the folder that ./tokenflex import wrote");
    }
    MessageDigest digest = Digests.sha256();
    for (Map.Entry<String, String> file : digests.entrySet()) {
      digest.update(
          (file.getKey() + " " + file.getValue() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return Digests.hex(digest);
  }

  private static String sha256(String name, Opener files) throws IOException {
    MessageDigest digest = Digests.sha256();
    try (InputStream in = files.open(name);
        DigestInputStream reading = new DigestInputStream(in, digest)) {
      reading.transferTo(OutputStream.nullOutputStream());
    }
    return Digests.hex(digest);
  }
}
