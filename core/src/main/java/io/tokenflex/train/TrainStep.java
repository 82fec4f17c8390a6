package io.tokenflex.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterServer;
import io.tokenflex.data.MicroBatch;
import io.tokenflex.data.MicroBatches.StepBatches;
import io.tokenflex.distributed.AllReduceParameterServer;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.model.ActivationPolicy;
import io.tokenflex.model.LowRankAdapters;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.optimizer.GradientClipper;
import io.tokenflex.optimizer.LearningRateSchedule;
import java.util.ArrayList;
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

  /** fp32 counts exactly up to here. */
  private static final float MAX_EXACT_COUNT = 1 << 24;

  private final TokenFlexModel model;
  private final ActivationPolicy policy;
  private final LearningRateSchedule schedule;
  private final AdamW adamW;
  private final GradientClipper clipper;
  private final AllReduceParameterServer parameterServer;
  private final NDManager manager;
  private final int worldSize;
  private final NDArray totals;
  private final NDList gradients = new NDList();
  private long step;
  private Result result;

  /** What the step's update found. */
  public record Result(
      double loss, double gradNorm, double learningRate, long numValidTokens, int samples) {}

  /**
   * Prepares the steps of a run; rank 0's weights become everybody's. A collective call.
   *
   * @param adamW over all trained segments of {@code model}
   */
  public TrainStep(TokenFlexModel model, AdamW adamW, TrainConfig config, ProcessGroup group) {
    this.model = model;
    this.policy = config.activations();
    this.schedule = config.optimizer().schedule(config.maxSteps());
    this.adamW = adamW;
    this.clipper = new GradientClipper(model.kernels(), config.optimizer().maxGradNorm());
    this.manager = model.manager().newSubManager();
    this.worldSize = group.worldSize();
    this.totals = manager.zeros(new Shape(StepTotals.SIZE));
    List<String> order = new ArrayList<>();
    for (Segment segment : model.trainedSegmentsInBackwardOrder()) {
      order.add(segment.name());
      gradients.add(segment.gradients());
    }
    order.add(TOTALS);
    this.parameterServer = new AllReduceParameterServer(group, order, reduced -> applyUpdate());
    for (Segment segment : model.parameters().segments()) {
      parameterServer.init(segment.name(), new NDArray[] {segment.weights()});
    }
    if (model.adapters().isPresent()) {
      for (Segment segment : model.adapters().get().segments()) {
        parameterServer.init(segment.name(), new NDArray[] {segment.weights()});
      }
      model.adapters().get().attach();
    }
  }

  /** Trains on this rank's share of a global batch; returns when the new weights are in place. */
  public Result run(StepBatches batches) {
    step = batches.step();
    double lossSum = 0;
    long validTokens = 0;
    int samples = 0;
    int left = batches.microBatches().size();
    for (MicroBatch microBatch : batches.microBatches()) {
      left--;
      Consumer<Segment> done = left == 0 ? this::handOver : segment -> {};
      lossSum += model.addGradients(microBatch, policy, done);
      validTokens += microBatch.numValidTokens();
      samples += microBatch.batchSize();
    }
    if (batches.microBatches().isEmpty()) {
      model.trainedSegmentsInBackwardOrder().forEach(this::handOver); // gradients of zero
    }
    try (NDArray mine =
        manager.create(new StepTotals(step, (float) lossSum, validTokens, samples).toFloats())) {
      model.kernels().run("copy_", totals, mine);
    }
    handOver(parameterServer, TOTALS, totals, totals);
    return result;
  }

  private void handOver(Segment segment) {
    segment
        .trained()
        .ifPresent(
            trained ->
                handOver(parameterServer, trained.name(), trained.gradients(), trained.weights()));
  }

  private static void handOver(ParameterServer server, String id, NDArray gradient, NDArray value) {
    server.update(id, new NDArray[] {gradient}, new NDArray[] {value});
  }

  /** Runs on every rank with the same sums, so every rank ends with the same weights. */
  private void applyUpdate() {
    StepTotals sums = StepTotals.ofSums(HostMemory.floats(totals), step, worldSize);
    if (sums.validTokens() >= MAX_EXACT_COUNT) {
      throw new InvalidInputException(
          String.format(
                  Locale.ROOT,
                  "Step %d has %.0f supervised tokens, more than fp32 counts exactly (%.0f); lower",
                  step + 1,
                  sums.validTokens(),
                  MAX_EXACT_COUNT)
              + " train.globalBatchSize");
    }
    if (sums.validTokens() == 0) {
      result = new Result(0, 0, schedule.rateAt(step), 0, 0);
      return;
    }
    double loss = sums.loss() / sums.validTokens();
    double gradNorm = clipper.divideAndClip(manager, gradients, sums.validTokens());
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
    double learningRate = schedule.rateAt(step);
    adamW.update(step + 1, learningRate);
    model.adapters().ifPresent(LowRankAdapters::merge);
    model.kernels().run("zero_", gradients);
    result =
        new Result(loss, gradNorm, learningRate, (long) sums.validTokens(), (int) sums.samples());
  }

  @Override
  public void close() {
    parameterServer.close();
    manager.close();
  }
}
