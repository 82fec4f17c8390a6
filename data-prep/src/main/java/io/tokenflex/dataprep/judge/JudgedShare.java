package io.tokenflex.dataprep.judge;

import static java.util.Objects.requireNonNull;

import io.tokenflex.batches.BadSampleException;
import io.tokenflex.samples.Sample;
import java.io.Closeable;
import java.io.IOException;

/**
 * Runs a {@link SampleJudge} on its share of one task's samples. The share is selected by sample
 * number, independent of the partitioning into tasks. After a failure of the judge the remaining
 * samples are not judged, and the task continues.
 */
public final class JudgedShare implements Closeable {
  /**
   * The share consists of about this many contiguous blocks, so that only a few tasks open a judge.
   * Samples are shuffled, so blocks are representative.
   */
  private static final int NUM_BLOCKS = 8;

  private final SampleJudge judge;
  private final long blockSamples;
  private final long everyHowManieth;
  private final SampleFaults faults = new SampleFaults();
  private SampleJudge.Bench bench;

  /**
   * Creates an empty result.
   *
   * @param numSamples total over all tasks
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
   * Judges a sample if it belongs to the share.
   *
   * @param number index of the sample over all tasks, from 0
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
