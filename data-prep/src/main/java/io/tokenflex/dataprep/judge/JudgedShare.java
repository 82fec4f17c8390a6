package io.tokenflex.dataprep.judge;

import static java.util.Objects.requireNonNull;

import io.tokenflex.batches.BadSampleException;
import io.tokenflex.samples.Sample;
import java.io.Closeable;
import java.io.IOException;

/**
 * What a judge finds in the samples of one task. Which samples it sees depends on their numbers
 * alone, not on how they are parted into tasks. A judge that fails is asked no more; the task goes
 * on.
 */
public final class JudgedShare implements Closeable {
  /**
   * The share is this many runs of neighbours: a few tasks get a judge ready, not all. Samples are
   * shuffled, so neighbours are a fair share too.
   */
  private static final int NUM_BLOCKS = 8;

  private final SampleJudge judge;
  private final long blockSamples;
  private final long everyHowManieth;
  private final SampleFaults faults = new SampleFaults();
  private SampleJudge.Bench bench;

  /**
   * Nothing judged yet.
   *
   * @param numSamples of all tasks together
   */
  public JudgedShare(SampleJudge judge, long numSamples) {
    this.judge = requireNonNull(judge, "judge");
    long max = judge.maxSamples();
    boolean all = max >= numSamples;
    this.blockSamples = all ? Math.max(1, numSamples) : Math.max(1, max / NUM_BLOCKS);
    if (all) {
      this.everyHowManieth = 1;
    } else if (max == 0) {
      this.everyHowManieth = 0;
    } else {
      this.everyHowManieth = ceilDiv(ceilDiv(numSamples, blockSamples), max / blockSamples);
    }
  }

  private static long ceilDiv(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }

  /**
   * Shows a sample to the judge if it is one of those to be looked at.
   *
   * @param number of the sample among those of all tasks, from 0
   */
  public void see(long number, Sample sample) {
    if (everyHowManieth == 0
        || number / blockSamples % everyHowManieth != 0
        || faults.failure().isPresent()) {
      return;
    }
    try {
      if (bench == null) {
        bench = judge.open();
      }
      bench.judge(sample);
      faults.addGood();
    } catch (BadSampleException e) {
      faults.addBad(sample.id(), e.getMessage());
    } catch (IOException | RuntimeException e) {
      faults.addFailure(e.toString());
    }
  }

  public SampleFaults faults() {
    return faults;
  }

  @Override
  public void close() {
    if (bench == null) {
      return;
    }
    try {
      bench.close();
    } catch (IOException | RuntimeException e) {
      faults.addFailure(e.toString());
    }
  }
}
