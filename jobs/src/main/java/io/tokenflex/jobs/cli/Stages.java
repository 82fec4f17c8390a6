package io.tokenflex.jobs.cli;

import io.tokenflex.adaptive.Calibration;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dataset.VersionConflictException;
import io.tokenflex.dataprep.judge.SampleJudge;
import io.tokenflex.dataprep.prepare.DatasetPreparation;
import io.tokenflex.dataprep.prepare.PrepareConfig;
import io.tokenflex.dataprep.prepare.PrepareSummary;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.GeneratorAnswerModel;
import io.tokenflex.jobs.cli.JobCommand.Job;
import io.tokenflex.jobs.config.DataSection;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.evaluate.CalibrateJob;
import io.tokenflex.jobs.evaluate.EvaluateJob;
import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.HeldoutData;
import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.jobs.failure.RejectedDataException;
import io.tokenflex.jobs.failure.RetryableException;
import io.tokenflex.jobs.pages.report.ReportJob;
import io.tokenflex.jobs.run.CalibrationFile;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.samples.LookAhead;
import io.tokenflex.jobs.scenes.SampleDatasetGenerator;
import io.tokenflex.jobs.train.HeldModel;
import io.tokenflex.jobs.train.TrainJob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The work of each command, shared with {@code quickstart}. */
final class Stages {
  private static final Logger log = LoggerFactory.getLogger(Stages.class);

  private Stages() {}

  /** Renders the sample dataset of the section {@code sample} into its folder. */
  static void renderSample(RunConfig config, Path folder) throws IOException {
    new SampleDatasetGenerator(
            config
                .sample()
                .orElseThrow(
                    () -> new InvalidInputException("This run has no section sample to render")))
        .generate(folder);
  }

  static void prepare(Job job) throws IOException {
    RunConfig config = job.config();
    Configuration hadoop = job.spark().sparkContext().hadoopConfiguration();
    for (PrepareConfig dataset : config.prepare().all(config.run(), config.data(), hadoop)) {
      boolean isTrain = dataset.output().equals(RunFolder.qualified(config.data().train(), hadoop));
      LookAhead lookAhead = new LookAhead(job.spark(), config, job.runFolder());
      PrepareSummary summary =
          prepare(job, dataset, isTrain ? lookAhead.judge() : SampleJudge.NONE);
      Manifest manifest = summary.manifest();
      log.info(
          "prepare: {}; version {} of {}: {} samples in {} shards",
          summary.toOneLine(),
          manifest.version(),
          dataset.output(),
          manifest.rows(),
          manifest.shards().size());
      if (isTrain) {
        lookAhead.tell(summary);
      }
    }
  }

  // Settings were validated when they were loaded, so an invalid-input failure here means the input
  // or output; anything else is storage or cluster.
  private static PrepareSummary prepare(Job job, PrepareConfig dataset, SampleJudge judge) {
    try {
      return DatasetPreparation.prepare(job.spark(), dataset, judge);
    } catch (VersionConflictException e) {
      throw e;
    } catch (Exception e) { // Scala code can throw undeclared checked exceptions
      throw FailureKind.of(e) == FailureKind.CONFIG
          ? new RejectedDataException(e)
          : new RetryableException("Preparing " + dataset.output() + " failed", e);
    }
  }

  static void train(Job job) throws IOException, InterruptedException {
    TrainJob.run(job.spark(), job.loaded(), job.runFolder());
  }

  /** Evaluates the model that the run names, or its newest checkpoint. */
  static void evaluate(Job job) throws IOException {
    Optional<String> named = job.config().evaluate().model();
    try (HeldModel model =
        named.isPresent()
            ? HeldModel.of(named.get(), job.hadoop())
            : HeldModel.newest(job.runFolder())) {
      evaluate(job, model.folder(), EvaluateJob.FOLDER)
          .toLines()
          .forEach(line -> log.info("evaluate: {}", line));
    }
  }

  /**
   * Evaluates several models, each into a folder of its own, and compares them.
   *
   * @param models folders, or {@code all} for every checkpoint of the run
   */
  static void evaluateAll(Job job, List<String> models) throws IOException {
    Map<String, String> folders = EvaluatedModels.of(models, job.runFolder());
    List<String> lines = new ArrayList<>();
    Map<String, EvaluateJob.Result> byModel = new LinkedHashMap<>();
    for (Map.Entry<String, String> one : folders.entrySet()) {
      try (HeldModel model = HeldModel.of(one.getValue(), job.hadoop())) {
        String results = EvaluateJob.FOLDER + "/models/" + one.getKey();
        EvaluateJob.Result result = evaluate(job, model.folder(), results);
        result.toLines().forEach(line -> lines.add(one.getKey() + ": " + line));
        byModel.put(one.getKey(), result);
      }
    }
    EvaluateJob.compare(byModel, job.runFolder())
        .forEach(comparison -> lines.add(comparison.toLine()));
    lines.forEach(line -> log.info("evaluate: {}", line));
  }

  private static EvaluateJob.Result evaluate(Job job, String model, String results)
      throws IOException {
    EvaluateConfig config = job.config().evaluate();
    return EvaluateJob.run(
        job.spark(),
        config,
        config.heldout() ? Optional.of(heldout(job)) : Optional.empty(),
        evaluated(job, model),
        job.runFolder(),
        results);
  }

  private static EvaluateJob.Model evaluated(Job job, String model) throws IOException {
    EvaluateConfig config = job.config().evaluate();
    Optional<EvaluateJob.Auto> auto = Optional.empty();
    if (config.auto()) {
      Calibration calibration =
          CalibrationFile.read(calibrationFile(job, model), model, job.hadoop());
      auto =
          Optional.of(
              new EvaluateJob.Auto(
                  calibration,
                  GeneratorAnswerModel.adaptiveLoader(config.precision(), calibration)));
    }
    return new EvaluateJob.Model(
        model,
        GeneratorAnswerModel.loader(config.precision()),
        ModelFolder.of(model, job.hadoop()).trainedCounts(),
        auto,
        repeats(config));
  }

  /** As many as there are counts, each with draws of its own. */
  private static List<AnswerModel.Loader> repeats(EvaluateConfig config) {
    List<AnswerModel.Loader> repeats = new ArrayList<>();
    if (config.repeatTemperature().isPresent()) {
      GenerationConfig greedy = GenerationConfig.greedy(config.maxNewTokens());
      for (int seed = 0; seed < config.numVisionTokens().size(); seed++) {
        repeats.add(
            GeneratorAnswerModel.loader(
                config.precision(),
                greedy.withSampling(config.repeatTemperature().get(), /* newTopP= */ 1, seed)));
      }
    }
    return repeats;
  }

  private static String calibrationFile(Job job, String model) {
    return job.config().calibrate().file().orElse(CalibrationFile.in(model));
  }

  /**
   * Finds out how many vision tokens a model's prompts need, and writes its calibration.
   *
   * @param model if empty, the model that the run evaluates
   */
  static String calibrate(Job job, Optional<String> model) throws IOException {
    Optional<String> named = model.or(() -> job.config().evaluate().model());
    try (HeldModel held =
        named.isPresent()
            ? HeldModel.of(named.get(), job.hadoop())
            : HeldModel.newest(job.runFolder())) {
      return calibrate(job, held.folder());
    }
  }

  private static String calibrate(Job job, String model) throws IOException {
    DataSection data = job.config().data();
    String named =
        data.calibrate()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "data.calibrate is not set: name a prepared dataset that neither training"
                            + " nor a reported number uses, for instance --set"
                            + " data.calibrate=/data/first/calibrate"));
    ModelFolder folder = ModelFolder.of(model, job.hadoop());
    List<Integer> counts =
        job.config().calibrate().numVisionTokens().orElse(folder.trainedCounts());
    Calibration calibration =
        CalibrateJob.run(
            job.spark(),
            job.config().evaluate(),
            job.config().calibrate(),
            CalibrateJob.Subject.of(
                dataset(job, named, data.calibrateVersion()),
                counts,
                new EvaluateJob.Model(
                    model, GeneratorAnswerModel.loader(job.config().evaluate().precision())),
                job.config().evaluate()),
            job.runFolder());
    String file = calibrationFile(job, model);
    CalibrationFile.write(file, calibration, job.hadoop());
    return CalibrateJob.toTable(calibration)
        + System.lineSeparator()
        + System.lineSeparator()
        + "calibration: "
        + file;
  }

  private static HeldoutData heldout(Job job) throws IOException {
    DataSection data = job.config().data();
    return dataset(job, data.heldout(), data.heldoutVersion());
  }

  private static HeldoutData dataset(Job job, String named, Optional<Integer> wanted)
      throws IOException {
    String folder = RunFolder.qualified(named, job.hadoop());
    // All tasks read the same version, even if another is published meanwhile.
    int version = DatasetFolder.at(folder, job.hadoop()).require(wanted).version();
    return hadoop -> ParquetSampleSource.open(folder, Optional.of(version), hadoop);
  }

  static String report(Job job, Optional<String> beside) throws IOException {
    String page = ReportJob.run(job.spark(), job.loaded(), job.runFolder(), beside);
    log.info("report: {}", page);
    return page;
  }

  /** Accuracy table of the run's last evaluation. */
  static String evaluationTable(Job job) throws IOException {
    return EvaluateJob.readSummary(job.runFolder())
        .map(EvaluationSummary::toTable)
        .orElse("The held-out data was not asked: evaluate.heldout is false");
  }
}
