package io.tokenflex.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Finds the {@code tokenizer.json} of a run. */
public final class TokenizerJson {
  private static final String BUILT_IN = "/io/tokenflex/tokenizer/byte-level/tokenizer.json";

  private TokenizerJson() {}

  /**
   * Reads a tokenizer.
   *
   * @param path any Hadoop path; the built-in byte-level tokenizer if absent
   */
  public static byte[] read(Optional<String> path, Configuration hadoop) throws IOException {
    if (path.isEmpty()) {
      try (InputStream in = TokenizerJson.class.getResourceAsStream(BUILT_IN)) {
        return in.readAllBytes();
      }
    }
    Path file = new Path(path.get());
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      return in.readAllBytes();
    }
  }
}
