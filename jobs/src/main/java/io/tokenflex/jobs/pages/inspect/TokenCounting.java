package io.tokenflex.jobs.pages.inspect;

import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.run.RunText;
import io.tokenflex.jobs.samples.SampleLimits;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * How the length of a sequence is counted.
 *
 * @param tokenizerName for people
 * @param limits tokenizer, chat template and what a run's model takes
 * @param counts numbers of vision tokens, each a square, ascending
 */
public record TokenCounting(String tokenizerName, SampleLimits limits, List<Integer> counts)
    implements Serializable {
  private static final List<Integer> USUAL_COUNTS = List.of(64, 144, 256);

  public TokenCounting {
    counts = List.copyOf(counts);
  }

  /** The built-in tokenizer at the counts of the paper. */
  public static TokenCounting builtIn() throws IOException {
    return new TokenCounting(
        "the built-in byte-level tokenizer",
        SampleLimits.ofTextAlone(RunText.builtIn()),
        USUAL_COUNTS);
  }

  /** The tokenizer, limits and counts of a run. */
  public static TokenCounting of(RunConfig run, Configuration hadoop) throws IOException {
    return new TokenCounting(
        run.pretrained().or(run::tokenizer).orElse("the built-in byte-level tokenizer"),
        SampleLimits.of(run, hadoop),
        run.tokens().counts());
  }
}
