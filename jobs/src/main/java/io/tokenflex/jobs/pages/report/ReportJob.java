package io.tokenflex.jobs.pages.report;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.dataprep.storage.LiteralPath;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.DataSection;
import io.tokenflex.jobs.config.EffectiveConf;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.evaluate.EvaluateJob;
import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.metrics.MetricsHistory;
import io.tokenflex.jobs.pages.report.ReportData.Dataset;
import io.tokenflex.jobs.pages.report.ReportData.Example;
import io.tokenflex.jobs.pages.report.ReportData.FixedModel;
import io.tokenflex.jobs.run.CommandLog;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.run.TrainingEnvironment;
import io.tokenflex.jobs.train.RunCheckpoints;
import io.tokenflex.samples.SampleSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** Collects what a run has written so far and writes {@code report.html} beside it. */
public final class ReportJob {
  /** The page, in the run folder. */
  public static final String REPORT = "report.html";

  /** Where in a run folder the run of a fixed token count lies that it is compared with. */
  public static final String FIXED = "fixed";

  /**
   * More than this no page shows; of longer runs the curves are drawn through some of the steps.
   */
  private static final int MAX_STEPS = 20_000;

  private ReportJob() {}

  /**
   * Writes the report and returns its path; parts that are missing name the command to make them.
   *
   * @param beside folder of another run to show beside this one
   * @throws InvalidInputException if that folder holds neither metrics nor an evaluation
   */
  public static String run(
      SparkSession spark, RunConfig.Loaded loaded, RunFolder runFolder, Optional<String> beside)
      throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    ReportData data =
        new ReportData(
            loaded.config().run().dir(),
            MetricsHistory.read(runFolder, MAX_STEPS),
            TrainingEnvironment.read(runFolder),
            EvaluateJob.readSummary(runFolder),
            RunCheckpoints.newest(runFolder),
            fixed(runFolder, hadoop),
            beside.isEmpty()
                ? Optional.empty()
                : Optional.of(OtherRun.read(spark, runFolder, beside.get(), MAX_STEPS)),
            datasets(loaded.config().data(), hadoop),
            examples(spark, loaded.config().data(), runFolder),
            EvaluateJob.readBenchmarks(runFolder),
            AskedQuestions.read(spark, runFolder),
            CommandLog.read(runFolder),
            facts(loaded, spark),
            EffectiveConf.withoutSecrets(loaded.settings()));
    runFolder.writeText(REPORT, new ReportPage(data).render());
    return runFolder.pathOf(REPORT);
  }

  /** The evaluated run inside the run folder, if there is one. */
  private static Optional<FixedModel> fixed(RunFolder runFolder, Configuration hadoop)
      throws IOException {
    RunFolder folder = RunFolder.of(runFolder.pathOf(FIXED), hadoop);
    Optional<EvaluationSummary> evaluation = EvaluateJob.readSummary(folder);
    if (evaluation.isEmpty()) {
      return Optional.empty();
    }
    Set<Integer> trained = new TreeSet<>();
    MetricsHistory.read(folder, MAX_STEPS).forEach(step -> trained.add(step.numVisionTokens()));
    return Optional.of(new FixedModel(trained, evaluation.get()));
  }

  private static List<Dataset> datasets(DataSection data, Configuration hadoop) throws IOException {
    List<Dataset> datasets = new ArrayList<>();
    Map<String, String> folders = new LinkedHashMap<>();
    folders.put("train", data.train());
    folders.put("heldout", data.heldout());
    for (Map.Entry<String, String> split : folders.entrySet()) {
      DatasetFolder.at(split.getValue(), hadoop)
          .newest()
          .ifPresent(manifest -> datasets.add(dataset(split.getKey(), manifest)));
    }
    return datasets;
  }

  private static Dataset dataset(String split, Manifest manifest) {
    Map<String, Long> rejects = new TreeMap<>();
    manifest
        .run()
        .rejects()
        .forEach(
            (reason, count) ->
                rejects.put(reason.toLowerCase(Locale.ROOT).replace('_', ' '), count));
    return new Dataset(
        split,
        manifest.rows(),
        manifest.shards().size(),
        manifest.shards().stream().mapToLong(Manifest.Shard::rowGroups).sum(),
        manifest.bytes(),
        rejects);
  }

  private static List<Example> examples(SparkSession spark, DataSection data, RunFolder runFolder)
      throws IOException {
    // The summary is written last: without it the table may be incomplete.
    if (!runFolder.exists(EvaluateJob.SUMMARY)) {
      return List.of();
    }
    try (SampleSource source =
        ParquetSampleSource.open(
            data.heldout(), data.heldoutVersion(), spark.sparkContext().hadoopConfiguration())) {
      return ExamplePicker.pick(
          spark
              .read()
              .parquet(LiteralPath.of(runFolder.pathOf(EvaluateJob.PREDICTIONS)))
              .collectAsList(),
          source);
    }
  }

  private static Map<String, String> facts(RunConfig.Loaded loaded, SparkSession spark)
      throws IOException {
    RunConfig config = loaded.config();
    Properties versions = new Properties();
    try (InputStream in = ReportJob.class.getResourceAsStream("/tokenflex-versions.properties")) {
      versions.load(in);
    }
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("config digest", loaded.digest());
    facts.put("seed", Long.toString(config.run().seed()));
    facts.put("ranks", Integer.toString(config.cluster().executors()));
    facts.put("cores per rank", Integer.toString(config.cluster().coresPerExecutor()));
    facts.put("GPUs per rank", Integer.toString(config.cluster().gpusPerExecutor()));
    facts.put("train data", config.data().train());
    facts.put("held-out data", config.data().heldout());
    facts.put("TokenFLEX on Spark", versions.getProperty("tokenflex"));
    facts.put("Spark", spark.version());
    facts.put("DJL", versions.getProperty("djl"));
    facts.put("PyTorch", versions.getProperty("pytorch"));
    facts.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
    return facts;
  }
}
