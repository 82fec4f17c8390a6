package io.tokenflex.dataprep.judge;

import static java.util.Objects.requireNonNull;

import io.tokenflex.data.BadSampleException;
import io.tokenflex.data.Sample;
import java.io.Closeable;
import java.io.IOException;

/**
 * What a judge finds in the samples of one task. Which samples it sees depends on their numbers
 * alone, not on how they are parted into tasks. A judge that fails is asked no more; the task goes
 * on.
 */
public final class JudgedShare implements Closeable {
  private final SampleJudge judge;
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
    this.everyHowManieth = max == 0 ? 0 : Math.max(1, (numSamples + max - 1) / max);
  }

  /**
   * Shows a sample to the judge if it is one of those to be looked at.
   *
   * @param number of the sample among those of all tasks, from 0
   */
  public void see(long number, Sample sample) {
    if (everyHowManieth == 0 || number % everyHowManieth != 0 || faults.failure().isPresent()) {
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
