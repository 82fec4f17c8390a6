package io.tokenflex.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.tokenflex.batches.BadSamples;
import io.tokenflex.batches.MicroBatches.StepBatches;
import io.tokenflex.distributed.Collective;
import io.tokenflex.distributed.FileRendezvous;
import io.tokenflex.distributed.Precision;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.Rendezvous;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.distributed.TcpRingProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.ActivationPolicy;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.modelfolder.WeightLoader;
import io.tokenflex.nccl.NcclGpu;
import io.tokenflex.nccl.NcclProcessGroup;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.train.TrainConfig;
import io.tokenflex.train.TrainStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One measured run of our training step over the batches of a folder. */
final class StepRun {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);
  private static final int PROFILED_STEPS = 3;
  private static final String HOST = "127.0.0.1";

  private final Path folder;
  private final ComputeType type;
  private final Device device;
  private final ActivationPolicy activations;
  private final Collective collective;

  StepRun(
      Path folder,
      ComputeType type,
      Device device,
      ActivationPolicy activations,
      Collective collective) {
    this.folder = folder;
    this.type = type;
    this.device = device;
    this.activations = activations;
    this.collective = collective;
  }

  /**
   * Trains as rank {@code rank}; what was seen, by name.
   *
   * @param trace where a Chrome trace of every operation of the last steps goes, as PyTorch's
   *     profiler writes it; it slows those steps down
   */
  Map<String, Object> measure(int rank, Path meetingPlace, Optional<Path> trace)
      throws IOException {
    StepInputs inputs = StepInputs.read(folder);
    List<StepBatches> batches = inputs.batches(folder, rank);
    ModelConfig config =
        ModelFiles.readConfig(
            Files.readAllBytes(folder.resolve(StepModel.OURS).resolve(ModelFiles.CONFIG)),
            folder.toString());
    List<Double> losses = new ArrayList<>();
    List<Double> seconds = new ArrayList<>();
    long parameters;
    double peak;
    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        ProcessGroup group = join(inputs.ranks(), rank, meetingPlace);
        TokenFlexModel model = TokenFlexModel.create(manager, config, type)) {
      try (SafetensorsFolder weights = SafetensorsFolder.open(folder.resolve(StepModel.OURS))) {
        WeightLoader.load(weights, model.parameters());
      }
      model.parameters().segments().forEach(Segment::enableTraining);
      parameters = model.parameters().numParameters();
      AdamW adamW =
          new AdamW(manager, model.kernels(), model.parameters().segments(), StepBench.optimizer());
      try (TrainStep step = new TrainStep(model, adamW, trainConfig(inputs), group)) {
        step.broadcastWeights();
        for (int i = 0; i < batches.size(); i++) {
          if (trace.isPresent() && i == batches.size() - PROFILED_STEPS) {
            JniUtils.startProfile(false, true, false);
          }
          long start = System.nanoTime();
          losses.add(step.run(batches.get(i)).loss());
          seconds.add((System.nanoTime() - start) / 1e9);
        }
        trace.ifPresent(file -> JniUtils.stopProfile(file.toString()));
      }
      peak = MatrixPeak.measure(manager, model.kernels(), type);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("parameters", parameters);
    result.put("samplesPerStep", inputs.batchSize() * inputs.ranks());
    result.put("losses", losses);
    result.put("seconds", seconds);
    result.put(
        "flops",
        batches.stream()
            .map(step -> inputs.ranks() * ModelFlops.ofStep(config, step.microBatches().get(0)))
            .toList());
    result.put("peakFlopsPerSecond", peak);
    result.put("visionTokens", inputs.visionTokens());
    return result;
  }

  private TrainConfig trainConfig(StepInputs inputs) {
    return new TrainConfig(
        inputs.visionTokens().size(),
        inputs.batchSize() * inputs.ranks(),
        inputs.batchSize(),
        inputs.ranks(),
        1,
        1,
        BadSamples.FAIL,
        0,
        Precision.valueOf(type.name()),
        activations,
        List.of(),
        Optional.empty(),
        StepBench.optimizer(),
        inputs.visionTokens().size(),
        1,
        collective,
        TIMEOUT,
        TIMEOUT);
  }

  private ProcessGroup join(int ranks, int rank, Path meetingPlace) {
    if (ranks == 1) {
      return new SingleProcessGroup();
    }
    Rendezvous rendezvous = new FileRendezvous(meetingPlace, rank, ranks, TIMEOUT);
    return collective == Collective.NCCL
        ? NcclProcessGroup.join(rendezvous, HOST, 0, TIMEOUT, NcclGpu.ofPyTorch(Device.gpu(0)))
        : TcpRingProcessGroup.join(rendezvous, HOST, 0, TIMEOUT);
  }
}
