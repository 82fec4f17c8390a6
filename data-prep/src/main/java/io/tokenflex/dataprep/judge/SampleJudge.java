package io.tokenflex.dataprep.judge;

import io.tokenflex.batches.BadSampleException;
import io.tokenflex.samples.Sample;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;

/**
 * Judges a share of the samples that a preparation writes. The result is reported only; no sample
 * is removed. Serialized to the executors.
 */
public interface SampleJudge extends Serializable {
  /** Judges no samples. */
  SampleJudge NONE = new NoJudge();

  /** Maximum number of samples to judge, spread evenly over the preparation. */
  long maxSamples();

  /** Opens the judge on an executor; called only by tasks with samples in the share. */
  Bench open() throws IOException;

  /** An open judge. Not thread-safe. */
  interface Bench extends Closeable {
    /**
     * Judges a sample.
     *
     * @throws BadSampleException if it is unusable; the message names the sample and the reason
     */
    void judge(Sample sample);
  }
}
