package io.tokenflex.jobs.train;

import com.typesafe.config.ConfigRenderOptions;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.checkpoint.WriterAttempt;
import io.tokenflex.checkpoint.WriterLease;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.events.EventSink;
import io.tokenflex.jobs.events.EventSinks;
import io.tokenflex.jobs.metrics.MetricsLog;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.run.RunText;
import io.tokenflex.jobs.samples.LookAhead;
import io.tokenflex.jobs.train.AttemptReports.Verdict;
import io.tokenflex.storage.Storage;
import io.tokenflex.text.ModelText;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
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
  private final RunConfig.Loaded loaded;
  private final String settings;
  private final RunFolder runFolder;

  private TrainJob(SparkSession session, RunConfig.Loaded loaded, RunFolder runFolder) {
    this.session = session;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.config = loaded.config();
    this.loaded = loaded;
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
    refuseDynamicAllocation();
    Configuration hadoop = spark.hadoopConfiguration();
    Storage storage = runFolder.storage(CHECKPOINTS);
    try (WriterLease lease = WriterLease.take(storage, LEASE)) {
      lease.onLoss(() -> spark.sc().cancelJobGroup(JOB_GROUP));
      train(lease, storage, hadoop);
    }
  }

  private void train(WriterLease lease, Storage storage, Configuration hadoop)
      throws IOException, InterruptedException {
    ClusterConfig cluster = config.cluster();
    Broadcast<SerializableConfiguration> hadoopOnExecutors =
        spark.broadcast(new SerializableConfiguration(hadoop));
    String dataFolder = RunFolder.qualified(config.data().train(), hadoop);
    Optional<String> trainedOn = trainedOn(storage);
    DatasetFolder dataset = DatasetFolder.at(dataFolder, hadoop);
    int dataVersion = DataVersion.choose(dataset, config.data().trainVersion(), trainedOn);
    log.info("train: version {} of {}", dataVersion, dataFolder);
    if (trainedOn.isEmpty()) {
      log.info("train: a new run, from {}", config.pretrained().orElse("random weights"));
    }
    CheckpointProgress progress = new CheckpointProgress(storage);
    HeapEstimate.check(spark, config, dataset.read(dataVersion));
    ProgressLog progressLog = new ProgressLog(config.tokens().schedule(config.run().seed()));
    try (EventSinks sinks = new EventSinks(sinks());
        TrainAttempts attempts =
            new TrainAttempts(
                spark,
                JOB_GROUP,
                config,
                message -> {
                  progressLog.accept(message);
                  sinks.accept(message);
                })) {
      ModelText text = RunText.read(config.pretrained(), config.tokenizer(), hadoop);
      ExecutorWait.until(spark, cluster); // they look through the samples too
      new LookAhead(session, config, runFolder).check(dataset, dataset.read(dataVersion));
      int failures = 0;
      for (int number = 1; ; number++) {
        ExecutorWait.until(spark, cluster);
        long checkpointBefore = progress.newestStep();
        WriterAttempt attempt = lease.beginAttempt();
        Optional<Verdict> failed =
            attempts.run(
                number,
                driver ->
                    new RankTask(
                        settings,
                        dataFolder,
                        dataVersion,
                        runFolder.pathOf(CHECKPOINTS),
                        attempt,
                        text,
                        hadoopOnExecutors,
                        driver));
        if (failed.isEmpty()) {
          break;
        }
        failures = progress.newestStep() > checkpointBefore ? 1 : failures + 1;
        if (failures >= cluster.trainAttempts()) {
          throw new TrainingFailedException(
              String.format(
                  Locale.ROOT,
                  "Training failed %d times in a row without a new checkpoint; the last time: %s",
                  failures,
                  failed.get().message()),
              null);
        }
        log.warn(
            "train: attempt failed after step {} ({}); starting again from the newest checkpoint",
            progressLog.lastStep(),
            failed.get().message());
        TimeUnit.SECONDS.sleep(1); // executors come back, killed tasks end
      }
    }
    log.info(
        "train: done, {} steps, {}; {}",
        progressLog.lastStep(),
        progressLog.skippedSamples(),
        progressLog.lastFolder());
  }

  /** Where the events of the training go, besides the log. */
  private List<EventSink> sinks() {
    return List.of(
        new SettingsSink(runFolder, loaded),
        new MetricsLog(runFolder),
        new EnvironmentSink(runFolder));
  }

  /** The run's own file was checked as it was read; spark-submit's settings win over it. */
  private void refuseDynamicAllocation() {
    if (spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new InvalidInputException(
          "spark.dynamicAllocation.enabled is true, by spark-submit's own settings or"
              + " spark-defaults.conf, but training needs a fixed number of executors at once; submit"
              + " with --conf spark.dynamicAllocation.enabled=false");
    }
  }

  /** Fingerprint of the data that the newest checkpoint was trained on, if there is one. */
  private Optional<String> trainedOn(Storage storage) throws IOException {
    Checkpoints checkpoints = new Checkpoints(storage, config.train().keepCheckpoints());
    checkpoints.finishAnnounced();
    Optional<Published> newest = checkpoints.latest();
    return newest.isEmpty()
        ? Optional.empty()
        : Optional.of(checkpoints.readState(newest.get()).dataFingerprint());
  }
}
