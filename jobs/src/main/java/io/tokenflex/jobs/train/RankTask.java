package io.tokenflex.jobs.train;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.checkpoint.WriterAttempt;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.dataprep.storage.HadoopStorage;
import io.tokenflex.distributed.Precision;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.SumCheck;
import io.tokenflex.distributed.TcpRingProcessGroup;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.device.DeviceAssignment;
import io.tokenflex.jobs.device.ExecutorHalt;
import io.tokenflex.jobs.events.DriverConnection;
import io.tokenflex.jobs.events.ReportingListener;
import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.run.Machine;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.lora.LoraConfig;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.modelfolder.ManifestDigests;
import io.tokenflex.modelfolder.WeightLoader;
import io.tokenflex.nccl.NcclGpu;
import io.tokenflex.nccl.NcclProcessGroup;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.samples.SampleSource;
import io.tokenflex.text.ModelText;
import io.tokenflex.train.InitialWeights;
import io.tokenflex.train.Trainer;
import io.tokenflex.train.TrainingListener;
import io.tokenflex.train.TrainingRun;
import java.io.IOException;
import java.io.Serial;
import java.time.Duration;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One rank of an attempt, as a task of the barrier stage.
 *
 * @param settings the whole run as HOCON: bound again on the executor
 * @param dataFolder qualified path of the training shards
 * @param dataVersion which version of them
 * @param checkpointFolder qualified path of the run's checkpoints
 * @param attempt under which rank 0 publishes
 * @param driverAddress to whom the ranks of this attempt report
 */
record RankTask(
    String settings,
    String dataFolder,
    int dataVersion,
    String checkpointFolder,
    WriterAttempt attempt,
    ModelText text,
    Broadcast<SerializableConfiguration> hadoop,
    DriverConnection.Address driverAddress)
    implements BarrierStage.Task<Integer> {
  @Serial private static final long serialVersionUID = 1;
  private static final Logger log = LoggerFactory.getLogger(RankTask.class);

  /** Of the sum that NCCL is tried with before the first step. */
  private static final long CHECKED_BYTES = 64 << 20;

  /** What a rank waits for its own streams when it ends. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /** Trains to the last step; returns the rank. */
  @Override
  public Integer run() throws Exception {
    BarrierTaskContext context = BarrierTaskContext.get();
    int rank = context.partitionId();
    String executor = SparkEnv.get().executorId();
    try (DriverConnection driver = new DriverConnection(driverAddress, rank, executor)) {
      try {
        driver.send(new TrainingEvent.Joined(Machine.here()));
        train(context, driver);
        return rank;
      } catch (Throwable failure) {
        TrainingEvent.Failed report = TrainingEvent.Failed.now(failure, context.isInterrupted());
        driver.send(report);
        ExecutorHalt.ofThisExecutor().ifGpuFailed(report.kind());
        throw failure;
      }
    }
  }

  private void train(BarrierTaskContext context, DriverConnection driver) throws Exception {
    RunConfig config = RunConfig.parse(settings);
    Configuration configuration = hadoop.value().value();
    Device device = DeviceAssignment.of(context, config.train().precision() == Precision.BF16);
    try (RankWatch watch = watch(context, driver, config);
        SampleSource source = open(configuration, watch);
        NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        ProcessGroup group = join(context, config, device)) {
      watch.onEnd(group::close);
      if (group instanceof NcclProcessGroup) {
        double seconds = SumCheck.seconds(group, manager, CHECKED_BYTES / Float.BYTES);
        log.info(
            "rank {}: NCCL sums {} MiB in {} ms",
            group.rank(),
            CHECKED_BYTES >> 20,
            Math.round(seconds * 1000));
      }
      Precision.Choice precision =
          config
              .train()
              .precision()
              .resolve(group, manager.getDevice(), TokenFlexModel.numParameters(config.model()));
      TrainingRun run =
          new TrainingRun(
              config.train(),
              config.model(),
              imageTransform(config, configuration),
              config.tokens().schedule(config.run().seed()),
              source,
              text,
              initialWeights(config, configuration),
              adapter(config, configuration),
              config.run().seed());
      Checkpoints checkpoints =
          new Checkpoints(
              new WatchedStorage(
                  new HadoopStorage(checkpointFolder, configuration),
                  watch,
                  config.train().checkpointTimeout()),
              config.train().keepCheckpoints(),
              Optional.of(attempt));
      TrainingListener listener = new ReportingListener(driver::send, group.rank(), precision);
      try (TokenFlexModel model =
          TokenFlexModel.create(manager, config.model(), precision.type())) {
        new Trainer(run, group, checkpoints, listener).train(model);
      }
    }
  }

  private static ProcessGroup join(BarrierTaskContext context, RunConfig config, Device device) {
    BarrierRendezvous rendezvous = new BarrierRendezvous(context);
    String host = rendezvous.host();
    int port = config.cluster().collectivePort();
    Duration timeout = config.train().collectiveTimeout();
    return config.train().collective().isNccl(device.isGpu(), rendezvous.worldSize())
        ? NcclProcessGroup.join(rendezvous, host, port, timeout, NcclGpu.ofPyTorch(device))
        : TcpRingProcessGroup.join(rendezvous, host, port, timeout);
  }

  private static RankWatch watch(
      BarrierTaskContext context, DriverConnection driver, RunConfig config) {
    Duration deadline = config.cluster().storageTimeout();
    Duration peers = config.train().collectiveTimeout();
    RankWatch watch =
        new RankWatch(
            context::isInterrupted,
            driver::send,
            // Told before the peers lose their patience, for they do not know what is awaited.
            (peers.compareTo(deadline) < 0 ? peers : deadline).dividedBy(4),
            deadline);
    watch.start();
    return watch;
  }

  private SampleSource open(Configuration configuration, RankWatch watch) throws IOException {
    ParquetSampleSource shards =
        watch.await(
            "version " + dataVersion + " of " + dataFolder + " to be opened",
            () -> ParquetSampleSource.open(dataFolder, Optional.of(dataVersion), configuration));
    return new WatchedSource(shards, watch, CLOSE_TIMEOUT);
  }

  private static ImageTransform imageTransform(RunConfig config, Configuration configuration)
      throws IOException {
    return config.pretrained().isPresent()
        ? ModelFolder.of(config.pretrained().get(), configuration).imageTransform()
        : config.pixels().transform(config.model().vision().imageSize());
  }

  private static InitialWeights initialWeights(RunConfig config, Configuration configuration) {
    if (config.pretrained().isEmpty()) {
      return InitialWeights.random(config.run().seed());
    }
    return parameters ->
        ModelFolder.of(config.pretrained().get(), configuration)
            .readLocally(
                folder -> {
                  ManifestDigests.check(folder);
                  try (SafetensorsFolder weights = SafetensorsFolder.open(folder)) {
                    WeightLoader.load(weights, parameters);
                    return folder;
                  }
                });
  }

  private static Optional<PeftAdapter> adapter(RunConfig config, Configuration configuration)
      throws IOException {
    Optional<String> folder = config.train().lora().flatMap(LoraConfig::adapter);
    return folder.isEmpty()
        ? Optional.empty()
        : Optional.of(ModelFolder.of(folder.get(), configuration).readLocally(PeftAdapter::read));
  }
}
