package io.tokenflex.jobs.quickstart;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.tokenflex.digest.Digests;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The pretrained model of the quickstart, a model folder in the jar. It was trained with {@code
 * conf/quickstart-start.conf} to read numbers and to name shapes and positions, at 64 and 256
 * vision tokens.
 */
public final class QuickstartStart {
  private static final String FOLDER = "conf/quickstart-start/";
  private static final String WEIGHTS = "model.safetensors";
  private static final List<String> FILES =
      List.of(
          "config.json",
          "generation_config.json",
          "preprocessor_config.json",
          "tokenizer.json",
          WEIGHTS);

  private QuickstartStart() {}

  /** Loads a configuration from the jar, unresolved. */
  public static Config resource(String name) {
    return ConfigFactory.parseResources(QuickstartStart.class.getClassLoader(), name);
  }

  /** Extracts the model to a folder, which is created if needed and returned. */
  public static Path unpack(Path folder) {
    try {
      Files.createDirectories(folder);
      for (String name : FILES) {
        byte[] bytes = bytes(FOLDER + name);
        Path file = folder.resolve(name);
        if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), bytes)) {
          Files.write(file, bytes);
        }
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("The quickstart's start cannot be written to " + folder, e);
    }
  }

  /** Digest of the model's files. */
  public static String digest() {
    try {
      return Digests.sha256Hex(bytes(FOLDER + WEIGHTS));
    } catch (IOException e) {
      throw new UncheckedIOException("The quickstart's start cannot be read", e);
    }
  }

  private static byte[] bytes(String resource) throws IOException {
    try (InputStream in = QuickstartStart.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new FileNotFoundException(resource + " is not in the jar");
      }
      return in.readAllBytes();
    }
  }
}
