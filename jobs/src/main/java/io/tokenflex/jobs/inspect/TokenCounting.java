package io.tokenflex.jobs.inspect;

import io.tokenflex.jobs.TokenizerJson;
import io.tokenflex.jobs.config.RunConfig;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * How the length of a sequence is counted.
 *
 * @param tokenizerName for people
 * @param tokenizerJson content of a {@code tokenizer.json}
 * @param counts numbers of vision tokens, each a square, ascending
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TokenCounting(String tokenizerName, byte[] tokenizerJson, List<Integer> counts)
    implements Serializable {
  private static final List<Integer> USUAL_COUNTS = List.of(64, 144, 256);

  public TokenCounting {
    counts = List.copyOf(counts);
  }

  /** The built-in tokenizer at the counts of the paper. */
  public static TokenCounting builtIn() throws IOException {
    return new TokenCounting(
        "the built-in byte-level tokenizer",
        TokenizerJson.read(Optional.empty(), new Configuration(false)),
        USUAL_COUNTS);
  }

  /** The tokenizer and counts of a run. */
  public static TokenCounting of(RunConfig run, Configuration hadoop) throws IOException {
    return new TokenCounting(
        run.tokenizer().orElse("the built-in byte-level tokenizer"),
        TokenizerJson.read(run.tokenizer(), hadoop),
        run.tokens().counts());
  }
}
