package io.tokenflex.jobs.train;

import com.typesafe.config.ConfigRenderOptions;
import io.tokenflex.checkpoint.CheckpointStorage;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.checkpoint.WriterLease;
import io.tokenflex.data.ModelText;
import io.tokenflex.dataprep.shard.DatasetFolder;
import io.tokenflex.jobs.RunFolder;
import io.tokenflex.jobs.RunText;
import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.samples.LookAhead;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a run on the executors of a Spark application: attempts of one barrier stage, each from
 * the newest checkpoint.
 *
 * <p>A lost executor or a dead connection is normal and tried again; a wrong configuration, damaged
 * data or a diverged loss is not.
 */
public final class TrainJob {
  /** Folder of the checkpoints inside the run folder. */
  public static final String CHECKPOINTS = "checkpoints";

  private static final String JOB_GROUP = "train";

  /** After which a train command without a sign of life is replaced by the next one. */
  private static final Duration LEASE = Duration.ofSeconds(60);

  private static final Logger log = LoggerFactory.getLogger(TrainJob.class);

  private final SparkSession session;
  private final JavaSparkContext spark;
  private final RunConfig config;
  private final String settings;
  private final RunFolder runFolder;

  private TrainJob(SparkSession session, RunConfig.Loaded loaded, RunFolder runFolder) {
    this.session = session;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.config = loaded.config();
    this.settings = loaded.settings().root().render(ConfigRenderOptions.concise());
    this.runFolder = runFolder;
  }

  /**
   * Trains to the last step.
   *
   * @throws IllegalArgumentException if the configuration or the data do not allow it
   * @throws TrainingFailedException if it failed too often in a row
   */
  public static void run(SparkSession session, RunConfig.Loaded loaded, RunFolder runFolder)
      throws IOException, InterruptedException {
    new TrainJob(session, loaded, runFolder).run();
  }

  private void run() throws IOException, InterruptedException {
    config.train().checkWorldSize(config.cluster().executors());
    Configuration hadoop = spark.hadoopConfiguration();
    CheckpointStorage storage = new HadoopCheckpointStorage(runFolder.pathOf(CHECKPOINTS), hadoop);
    try (WriterLease lease = WriterLease.take(storage, LEASE)) {
      lease.onLoss(() -> spark.sc().cancelJobGroup(JOB_GROUP));
      train(lease, storage, hadoop);
    }
  }

  private void train(WriterLease lease, CheckpointStorage storage, Configuration hadoop)
      throws IOException, InterruptedException {
    ClusterConfig cluster = config.cluster();
    Broadcast<SerializableConfiguration> hadoopOnExecutors =
        spark.broadcast(new SerializableConfiguration(hadoop));
    String driverHost = spark.getConf().get("spark.driver.host");
    String dataFolder = RunFolder.qualified(config.data().train(), hadoop);
    Optional<String> trainedOn = trainedOn(storage);
    DatasetFolder dataset = DatasetFolder.at(dataFolder, hadoop);
    int dataVersion = DataVersion.choose(dataset, config.data().trainVersion(), trainedOn);
    log.info("train: version {} of {}", dataVersion, dataFolder);
    if (trainedOn.isEmpty()) {
      log.info("train: a new run, from {}", config.pretrained().orElse("random weights"));
    }
    CheckpointProgress progress = new CheckpointProgress(storage);
    TrainingMonitor monitor = new TrainingMonitor(new MetricsLog(runFolder));
    try (RankReports reports = new RankReports(driverHost, monitor)) {
      ModelText text = RunText.read(config.pretrained(), config.tokenizer(), hadoop);
      ExecutorWait.until(spark, cluster); // they look through the samples too
      new LookAhead(session, config, runFolder).check(dataset, dataset.read(dataVersion));
      int failures = 0;
      while (true) {
        ExecutorWait.until(spark, cluster);
        monitor.startAttempt();
        long checkpointBefore = progress.newestStep();
        RankTask task =
            new RankTask(
                settings,
                dataFolder,
                dataVersion,
                runFolder.pathOf(CHECKPOINTS),
                lease.beginAttempt(),
                text,
                hadoopOnExecutors,
                driverHost,
                reports.port(),
                reports.token());
        try {
          spark.setJobGroup(JOB_GROUP, "TokenFLEX training", true);
          BarrierStage.run(spark, cluster.executors(), Integer.class, task);
          break;
        } catch (Exception e) { // Scala throws what it does not declare
          reports.drain();
          monitor.throwIfHopeless(e);
          failures = progress.newestStep() > checkpointBefore ? 1 : failures + 1;
          if (failures >= cluster.trainAttempts()) {
            throw new TrainingFailedException(
                String.format(
                    Locale.ROOT,
                    "Training failed %d times in a row without a new checkpoint; the last time: %s",
                    failures,
                    monitor.explain(e)),
                e);
          }
          log.warn(
              "train: attempt failed after step {} ({}); starting again from the newest checkpoint",
              monitor.lastStep(),
              monitor.explain(e));
          TimeUnit.SECONDS.sleep(1); // executors come back, killed tasks end
        }
      }
    } finally {
      monitor.finish();
    }
    log.info(
        "train: done, {} steps, {}; {}",
        monitor.lastStep(),
        monitor.skippedSamples(),
        monitor.lastFolder());
  }

  /** Fingerprint of the data that the newest checkpoint was trained on, if there is one. */
  private Optional<String> trainedOn(CheckpointStorage storage) throws IOException {
    Checkpoints checkpoints = new Checkpoints(storage, config.train().keepCheckpoints());
    checkpoints.finishAnnounced();
    Optional<Published> newest = checkpoints.latest();
    return newest.isEmpty()
        ? Optional.empty()
        : Optional.of(checkpoints.readState(newest.get()).dataFingerprint());
  }
}
