package io.tokenflex.jobs.run;

import io.tokenflex.text.ModelText;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Finds the tokenizer and the chat template of a run. */
public final class RunText {
  private static final String BUILT_IN = "/io/tokenflex/tokenizer/byte-level/tokenizer.json";

  private RunText() {}

  /**
   * Those of the pretrained model, else ChatML over the run's tokenizer, else over the built-in
   * one.
   *
   * @param pretrained model folder on any Hadoop file system
   * @param tokenizer a {@code tokenizer.json} on any Hadoop file system
   */
  public static ModelText read(
      Optional<String> pretrained, Optional<String> tokenizer, Configuration hadoop)
      throws IOException {
    if (pretrained.isPresent()) {
      return ModelFolder.of(pretrained.get(), hadoop).text();
    } else if (tokenizer.isEmpty()) {
      return builtIn();
    }
    Path file = new Path(tokenizer.get());
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      return ModelText.chatMl(in.readAllBytes());
    }
  }

  /** The byte-level tokenizer of the quickstart. */
  public static ModelText builtIn() throws IOException {
    try (InputStream in = RunText.class.getResourceAsStream(BUILT_IN)) {
      return ModelText.chatMl(in.readAllBytes());
    }
  }
}
