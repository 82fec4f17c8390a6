package io.tokenflex.samples;

import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One rank's share of the global batches.
 *
 * <p>Global batch {@code step} consists of the next {@code globalBatchSize / numLanes} samples of
 * every lane; rank r reads lanes r, r + worldSize, ... The position at any step is computed, so a
 * run can resume at any step with any number of ranks.
 */
public final class GlobalBatches {
  private final SampleOrder order;
  private final List<Lane> lanes = new ArrayList<>();
  private final int samplesPerLane;
  private long nextStep;

  /**
   * Creates the share of {@code rank}.
   *
   * @throws IllegalArgumentException if worldSize does not divide the number of lanes or that does
   *     not divide globalBatchSize
   */
  public GlobalBatches(
      SampleSource source, SampleOrder order, int globalBatchSize, int rank, int worldSize) {
    checkDivides("the number of ranks", worldSize, "train.lanes", order.numLanes());
    checkDivides("train.lanes", order.numLanes(), "train.globalBatchSize", globalBatchSize);
    this.order = order;
    this.samplesPerLane = globalBatchSize / order.numLanes();
    for (int lane = rank; lane < order.numLanes(); lane += worldSize) {
      lanes.add(new Lane(source, order, lane));
    }
  }

  /** Moves to the batch of {@code step}, counted from 0. */
  public void seek(long step) {
    nextStep = step;
    lanes.forEach(lane -> lane.seek(step * samplesPerLane));
  }

  /** Epochs completed before {@code step}, with fraction. */
  public double epochAt(long step) {
    return (double) (step * samplesPerLane) / order.laneLength();
  }

  /** This rank's samples of the next global batch. */
  public List<Sample> next() throws IOException {
    List<Sample> batch = new ArrayList<>();
    for (Lane lane : lanes) {
      for (int i = 0; i < samplesPerLane; i++) {
        batch.add(lane.next());
      }
    }
    nextStep++;
    return batch;
  }

  /** The step whose batch {@link #next} returns. */
  public long nextStep() {
    return nextStep;
  }

  private static void checkDivides(String divisorName, int divisor, String name, int value) {
    if (value % divisor != 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s (%d) does not divide %s (%d); change one of them",
              divisorName,
              divisor,
              name,
              value));
    }
  }
}
