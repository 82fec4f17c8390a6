package io.tokenflex.jobs.samples;

import static java.util.Objects.requireNonNull;

import io.tokenflex.batches.SampleEncoder;
import io.tokenflex.dataprep.judge.SampleJudge;
import io.tokenflex.samples.Sample;
import io.tokenflex.text.HuggingFaceTokenizer;
import java.io.IOException;

/**
 * Asks of samples whether a run can be trained on them, at the largest number of vision tokens.
 *
 * @param limits of the run
 * @param maxSamples most samples to be looked at
 */
record TrainingJudge(SampleLimits limits, long maxSamples) implements SampleJudge {
  TrainingJudge {
    requireNonNull(limits, "limits");
  }

  @Override
  public Bench open() throws IOException {
    HuggingFaceTokenizer tokenizer = limits.text().openTokenizer();
    try {
      return new EncodingBench(limits, tokenizer, limits.encoder(tokenizer));
    } catch (IOException | RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private record EncodingBench(
      SampleLimits limits, HuggingFaceTokenizer tokenizer, SampleEncoder encoder) implements Bench {
    @Override
    public void judge(Sample sample) {
      encoder.encode(sample, limits.largest());
    }

    @Override
    public void close() {
      tokenizer.close();
    }
  }
}
