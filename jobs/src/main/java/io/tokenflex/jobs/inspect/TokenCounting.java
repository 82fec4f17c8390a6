package io.tokenflex.jobs.inspect;

import io.tokenflex.data.ModelText;
import io.tokenflex.jobs.RunText;
import io.tokenflex.jobs.config.RunConfig;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * How the length of a sequence is counted.
 *
 * @param tokenizerName for people
 * @param text tokenizer and chat template
 * @param counts numbers of vision tokens, each a square, ascending
 */
public record TokenCounting(String tokenizerName, ModelText text, List<Integer> counts)
    implements Serializable {
  private static final List<Integer> USUAL_COUNTS = List.of(64, 144, 256);

  public TokenCounting {
    counts = List.copyOf(counts);
  }

  /** The built-in tokenizer at the counts of the paper. */
  public static TokenCounting builtIn() throws IOException {
    return new TokenCounting("the built-in byte-level tokenizer", RunText.builtIn(), USUAL_COUNTS);
  }

  /** The tokenizer and counts of a run. */
  public static TokenCounting of(RunConfig run, Configuration hadoop) throws IOException {
    return new TokenCounting(
        run.pretrained().or(run::tokenizer).orElse("the built-in byte-level tokenizer"),
        RunText.read(run.pretrained(), run.tokenizer(), hadoop),
        run.tokens().counts());
  }
}
