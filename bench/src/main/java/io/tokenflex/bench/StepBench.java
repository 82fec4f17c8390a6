package io.tokenflex.bench;

import ai.djl.Device;
import io.tokenflex.distributed.Collective;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.ActivationPolicy;
import io.tokenflex.optimizer.OptimizerConfig;
import io.tokenflex.tokens.TokenCountSchedule;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Our side of the step benchmark; {@code bench/step/run} runs it beside PyTorch. */
@Command(
    name = "step-bench",
    description = "Makes the inputs of the training step benchmark, or measures our side of it.",
    mixinStandardHelpOptions = true)
public final class StepBench {
  static final long SEED = 7;

  /** Text tokens before the picture. */
  private static final int PREFIX_TOKENS = 4;

  private StepBench() {}

  /** Runs {@code make} or {@code run}. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new StepBench())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  /** The optimizer of both sides. */
  static OptimizerConfig optimizer() {
    return new OptimizerConfig(1e-4, 5, 0.1, 0.9, 0.95, 1e-8, 0.1, 1.0);
  }

  @Command(
      name = "make",
      description =
          "Writes a model with random weights (ours under model/, for Python under python/) and the"
              + " batches of a run.",
      mixinStandardHelpOptions = true)
  void make(
      @Parameters(paramLabel = "FOLDER", description = "to be made") Path folder,
      @Option(
              names = "--size",
              description = "one of 1m, 5m, 20m, 60m, 150m, 300m",
              defaultValue = "20m")
          String size,
      @Option(names = "--steps", defaultValue = "20") int steps,
      @Option(names = "--batch", description = "samples per step and rank", defaultValue = "4")
          int batch,
      @Option(names = "--ranks", defaultValue = "1") int ranks,
      @Option(
              names = "--counts",
              split = ",",
              description = "vision tokens to draw from, with weights 2:3:5 if three",
              defaultValue = "64,144,256")
          List<Integer> counts,
      @Option(names = "--question", description = "unsupervised text tokens", defaultValue = "20")
          int question,
      @Option(names = "--answer", description = "supervised text tokens", defaultValue = "40")
          int answer)
      throws IOException {
    BenchModel model = BenchModel.of(size);
    long imageTokenId = new StepModel(model).write(folder, counts);
    List<Integer> drawn =
        LongStream.range(0, steps)
            .mapToObj(step -> schedule(counts).countAt(step).numVisionTokens())
            .toList();
    new StepInputs(
            drawn,
            ranks,
            batch,
            BenchModel.IMAGE_SIZE,
            PREFIX_TOKENS,
            question,
            answer,
            Math.toIntExact(imageTokenId),
            model.config().language().vocabSize())
        .write(folder, SEED);
  }

  private static TokenCountSchedule schedule(List<Integer> counts) {
    List<Double> paper = List.of(2.0, 3.0, 5.0);
    List<Double> weights =
        counts.size() == paper.size()
            ? paper
            : IntStream.range(0, counts.size()).mapToObj(i -> 1.0).toList();
    return new TokenCountSchedule.Weighted(
        counts.stream().map(VisionTokenCount::of).toList(), weights, SEED);
  }

  @Command(
      name = "run",
      description = "Trains over the batches and prints losses and seconds of every step as JSON.",
      mixinStandardHelpOptions = true)
  void run(
      @Parameters(paramLabel = "FOLDER", description = "that make wrote") Path folder,
      @Option(names = "--dtype", description = "fp32 or bf16", defaultValue = "fp32")
          ComputeType type,
      @Option(names = "--device", description = "cpu or gpu", defaultValue = "cpu") String device,
      @Option(
              names = "--activations",
              description = "keep, or recompute: less memory, more time",
              defaultValue = "keep")
          ActivationPolicy activations,
      @Option(
              names = "--collective",
              description = "tcp, or nccl between GPUs",
              defaultValue = "tcp")
          Collective collective,
      @Option(names = "--rank", defaultValue = "0") int rank,
      @Option(names = "--meet", description = "folder where the ranks find each other")
          Path meetingPlace,
      @Option(
              names = "--profile",
              description = "file for a Chrome trace of the last three steps' operations")
          Path trace)
      throws IOException {
    BenchResult.print(
        new StepRun(folder, type, deviceOf(device), activations, collective)
            .measure(rank, meetingPlace, Optional.ofNullable(trace)));
  }

  private static Device deviceOf(String name) {
    return switch (name) {
      case "cpu" -> Device.cpu();
      case "gpu" -> Device.gpu();
      default ->
          throw new IllegalArgumentException("--device is '" + name + "'; expected cpu or gpu");
    };
  }
}
