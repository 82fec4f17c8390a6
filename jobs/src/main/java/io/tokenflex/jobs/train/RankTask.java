package io.tokenflex.jobs.train;

import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.checkpoint.WriterAttempt;
import io.tokenflex.data.ModelText;
import io.tokenflex.data.SampleSource;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.Rendezvous;
import io.tokenflex.distributed.TcpRingProcessGroup;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.jobs.ModelFolder;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.lora.LoraConfig;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.pretrained.PeftAdapter;
import io.tokenflex.train.InitialWeights;
import io.tokenflex.train.Trainer;
import io.tokenflex.train.TrainingListener;
import io.tokenflex.train.TrainingRun;
import io.tokenflex.weights.ManifestDigests;
import io.tokenflex.weights.SafetensorsFolder;
import io.tokenflex.weights.WeightLoader;
import java.io.IOException;
import java.io.Serial;
import java.time.Duration;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * One rank of an attempt, as a task of the barrier stage.
 *
 * @param settings the whole run as HOCON: bound again on the executor
 * @param dataFolder qualified path of the training shards
 * @param dataVersion which version of them
 * @param checkpointFolder qualified path of the run's checkpoints
 * @param attempt under which rank 0 publishes
 */
record RankTask(
    String settings,
    String dataFolder,
    int dataVersion,
    String checkpointFolder,
    WriterAttempt attempt,
    ModelText text,
    Broadcast<SerializableConfiguration> hadoop,
    String driverHost,
    int driverPort,
    String driverToken)
    implements BarrierStage.Task<Integer> {
  @Serial private static final long serialVersionUID = 1;
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(100);

  /** Trains to the last step; returns the rank. */
  @Override
  public Integer run() throws Exception {
    BarrierTaskContext context = BarrierTaskContext.get();
    int rank = context.partitionId();
    try (DriverConnection driver = new DriverConnection(driverHost, driverPort, driverToken)) {
      try {
        train(context, driver);
        return rank;
      } catch (Throwable failure) {
        driver.send(new RankReport.Failed(rank, RankReport.Cause.of(failure), messageOf(failure)));
        throw failure;
      }
    }
  }

  private void train(BarrierTaskContext context, DriverConnection driver) throws Exception {
    RunConfig config = RunConfig.parse(settings);
    Configuration configuration = hadoop.value().value();
    Rendezvous rendezvous = new BarrierRendezvous(context);
    String host = hostOf(context);
    try (SampleSource source =
            ParquetSampleSource.open(dataFolder, Optional.of(dataVersion), configuration);
        NDManager manager = NDManager.newBaseManager(DeviceAssignment.of(context), "PyTorch");
        ProcessGroup group =
            TcpRingProcessGroup.join(
                rendezvous,
                host,
                config.cluster().collectivePort(),
                config.train().collectiveTimeout());
        KillWatch watch = new KillWatch(context, group, WATCH_INTERVAL)) {
      watch.start();
      ComputeType type = config.train().precision().resolve(group, manager.getDevice());
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
              new HadoopCheckpointStorage(checkpointFolder, configuration),
              config.train().keepCheckpoints(),
              Optional.of(attempt));
      TrainingListener listener = new ReportingListener(driver::send, group.rank(), type);
      try (TokenFlexModel model = TokenFlexModel.create(manager, config.model(), type)) {
        new Trainer(run, group, checkpoints, listener).train(model);
      }
    }
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

  /** The name under which Spark itself reaches this executor. */
  private static String hostOf(BarrierTaskContext context) {
    String address = context.getTaskInfos()[context.partitionId()].address();
    int colon = address.lastIndexOf(':');
    return colon < 0 ? address : address.substring(0, colon);
  }

  private static String messageOf(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
