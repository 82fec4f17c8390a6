package io.tokenflex.dataprep.judge;

import io.tokenflex.batches.BadSampleException;
import io.tokenflex.samples.Sample;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;

/**
 * Judges a share of the samples that a preparation writes. It decides nothing: what it finds is
 * told, and the samples stay. Shipped to the executors.
 */
public interface SampleJudge extends Serializable {
  /** Looks at nothing. */
  SampleJudge NONE = new NoJudge();

  /** Most samples of a preparation to be looked at, spread evenly over them. */
  long maxSamples();

  /** Gets ready to judge, on an executor; called by a task whose samples are to be looked at. */
  Bench open() throws IOException;

  /** A judge at work. Used from one thread at a time. */
  interface Bench extends Closeable {
    /**
     * Judges a sample.
     *
     * @throws BadSampleException if it does not serve; the message names it and the reason
     */
    void judge(Sample sample);
  }
}
