package io.tokenflex.train;

import io.tokenflex.batches.SkippedSample;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.List;

/** Hears what a rank does; called on the training thread. */
public interface TrainingListener {
  /** Training starts, or resumes, before {@code firstStep} (counted from 0). */
  default void started(long firstStep, long maxSteps) {}

  /**
   * A run goes on from a checkpoint with settings that differ from those it was written with; each
   * with what it was and is.
   */
  default void settingsChanged(List<String> changes) {}

  /** This rank is about to train on these samples; {@code step} counted from 0. */
  default void batchRead(long step, VisionTokenCount count, List<String> sampleIds) {}

  /** This rank left samples out of its share of a step; {@code step} counted from 0. */
  default void samplesSkipped(long step, List<SkippedSample> skipped) {}

  /** An optimizer step is done. */
  default void stepDone(StepMetrics metrics) {}

  /** A checkpoint of {@code step} updates is published. */
  default void checkpointPublished(long step, String folder) {}
}
