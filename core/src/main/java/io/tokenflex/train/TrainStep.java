package io.tokenflex.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.batches.MicroBatches.StepBatches;
import io.tokenflex.distributed.AllReduceParameterServer;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.kernels.FreedMemory;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.model.ActivationPolicy;
import io.tokenflex.model.LowRankAdapters;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.optimizer.GradientClipper;
import io.tokenflex.optimizer.LearningRateSchedule;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * One optimizer step over all ranks: forward and backward over the micro-batches, all-reduce, clip,
 * AdamW.
 *
 * <p>Losses are summed over tokens, micro-batches and ranks and divided once by the global number
 * of supervised tokens, which is reduced with the gradients. So the result does not depend on how
 * the batch was cut.
 *
 * <p>A rank whose samples were all skipped takes part with gradients of zero. A step that has no
 * sample on any rank leaves the weights and the optimizer's moments as they are.
 */
public final class TrainStep implements AutoCloseable {
  private static final String TOTALS = "step-totals";

  private final TokenFlexModel model;
  private final ActivationPolicy policy;
  private final LearningRateSchedule schedule;
  private final AdamW adamW;
  private final GradientClipper clipper;
  private final AllReduceParameterServer parameterServer;
  private final int worldSize;
  private final NDManager manager;
  private final NDArray totals;
  private final NDList lossSum;
  private final NDList gradients = new NDList();

  /** What the step's update found. */
  public record Result(
      double loss, double gradNorm, double learningRate, long numValidTokens, int samples) {}

  /**
   * Prepares the steps of a run, which {@link #broadcastWeights} starts.
   *
   * @param adamW over all trained segments of {@code model}
   */
  public TrainStep(TokenFlexModel model, AdamW adamW, TrainConfig config, ProcessGroup group) {
    if (!model.manager().getDevice().isGpu()) {
      FreedMemory.keep();
    }
    this.model = model;
    this.policy = config.activations();
    this.schedule = config.optimizer().schedule(config.maxSteps());
    this.adamW = adamW;
    this.clipper = new GradientClipper(model.kernels(), config.optimizer().maxGradNorm());
    this.worldSize = group.worldSize();
    this.manager = model.manager().newSubManager();
    this.totals = manager.zeros(new Shape(StepTotals.SIZE));
    this.lossSum = new NDList(manager.zeros(new Shape(), DataType.FLOAT64));
    List<String> order = new ArrayList<>();
    for (Segment segment : model.trainedSegmentsInBackwardOrder()) {
      order.add(segment.name());
      gradients.add(segment.gradients());
    }
    order.add(TOTALS);
    this.parameterServer = new AllReduceParameterServer(group, order);
  }

  /**
   * Makes rank 0's weights everybody's, frozen ones and those of adapters too, and merges adapters
   * into the model: once, before the first step. A collective call.
   */
  public void broadcastWeights() {
    model.parameters().segments().forEach(this::broadcast);
    if (model.adapters().isPresent()) {
      LowRankAdapters adapters = model.adapters().get();
      adapters.segments().forEach(this::broadcast);
      adapters.attach();
    }
  }

  private void broadcast(Segment segment) {
    parameterServer.init(segment.name(), new NDArray[] {segment.weights()});
  }

  /** Trains on this rank's share of a global batch; returns when the new weights are in place. */
  public Result run(StepBatches batches) {
    long step = batches.step();
    double learningRate = schedule.rateAt(step);

    model.kernels().run("zero_", gradients);
    model.kernels().run("zero_", lossSum);
    addGradients(batches, this::handOver);
    handOverTotals(batches);
    parameterServer.finish();

    float[] read = updateAndRead(step, learningRate);
    StepTotals sums = StepTotals.ofSums(read, step, worldSize);
    if (sums.validTokens() == 0) { // weights and moments stayed
      return new Result(0, 0, learningRate, 0, 0);
    }
    double loss = sums.loss() / sums.validTokens();
    double gradNorm = read[StepTotals.SIZE] / (double) sums.validTokens();
    checkFinite(step, loss, gradNorm);
    return new Result(
        loss, gradNorm, learningRate, (long) sums.validTokens(), (int) sums.samples());
  }

  /**
   * Forward and backward over all micro-batches.
   *
   * @param complete told each segment as soon as the last micro-batch has added to it
   */
  private void addGradients(StepBatches batches, Consumer<Segment> complete) {
    if (batches.microBatches().isEmpty()) {
      model.trainedSegmentsInBackwardOrder().forEach(complete); // gradients of zero
      return;
    }
    model.castingOnce(
        () -> {
          NDArray loss = lossSum.singletonOrThrow();
          Iterator<MicroBatch> left = batches.microBatches().iterator();
          while (left.hasNext()) {
            MicroBatch microBatch = left.next();
            model.addGradients(microBatch, policy, loss, left.hasNext() ? none -> {} : complete);
          }
        });
  }

  private void handOver(Segment segment) {
    segment
        .trained()
        .ifPresent(
            trained ->
                parameterServer.update(
                    trained.name(),
                    new NDArray[] {trained.gradients()},
                    new NDArray[] {trained.weights()}));
  }

  private void handOverTotals(StepBatches batches) {
    long validTokens = 0;
    int samples = 0;
    for (MicroBatch microBatch : batches.microBatches()) {
      validTokens += microBatch.numValidTokens();
      samples += microBatch.batchSize();
    }
    float[] counts = StepTotals.counts(batches.step(), (float) validTokens, samples);
    try (NDArray values = manager.create(counts)) {
      NDArray loss = lossSum.singletonOrThrow();
      model.kernels().run("fill_totals_", totals, values, loss, StepTotals.LOSS);
    }
    parameterServer.update(TOTALS, new NDArray[] {totals}, new NDArray[] {totals});
  }

  /**
   * Divides, clips and updates on the device, unless there is nothing to learn from; then the
   * step's only read, for which the host waits until all is done.
   *
   * @return the totals, then the norm of the summed gradients
   */
  private float[] updateAndRead(long step, double learningRate) {
    try (NDArray sums = model.kernels().call(manager, "totals_and_norm", totals, gradients);
        NDList division =
            clipper.division(manager, sums, StepTotals.VALID_TOKENS, StepTotals.LOSS)) {
      adamW.update(division, step + 1, learningRate);
      model.adapters().ifPresent(LowRankAdapters::merge);
      return HostMemory.floats(sums);
    }
  }

  private static void checkFinite(long step, double loss, double gradNorm) {
    if (!Double.isFinite(loss) || !Double.isFinite(gradNorm)) {
      throw new DivergedException(
          String.format(
              Locale.ROOT,
              "Step %d: loss %s, gradient norm %s. The last checkpoint is intact; lower"
                  + " train.optimizer.learningRate or look at the samples of this step",
              step + 1, // people and metrics count from 1
              loss,
              gradNorm));
    }
  }

  @Override
  public void close() {
    parameterServer.close();
    manager.close();
  }
}
