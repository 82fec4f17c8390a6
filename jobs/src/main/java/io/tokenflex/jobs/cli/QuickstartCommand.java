package io.tokenflex.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.checkpoint.CheckpointCatalog;
import io.tokenflex.config.ConfigLoader;
import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.jobs.config.EffectiveConf;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.quickstart.Pipeline;
import io.tokenflex.jobs.quickstart.QuickstartStart;
import io.tokenflex.jobs.quickstart.Stage;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.train.TrainJob;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description =
        "Renders pictures with questions, prepares them, trains a small TokenFLEX on two executors, evaluates it at"
            + " every token count and writes a report; where the run names data.calibrate, it finds out before"
            + " how many tokens a question needs. The model starts from one that has learnt to read. Run it"
            + " again to go on where it broke off.")
final class QuickstartCommand extends JobCommand {
  private static final String CONF = "conf/quickstart.conf";
  private static final String FIXED = "fixed";
  private static final Logger log = LoggerFactory.getLogger(QuickstartCommand.class);

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "quickstart-run",
      description = "Folder for everything it writes (default: ./quickstart-run).")
  Path dir;

  @Option(
      names = "--conf",
      paramLabel = "FILE",
      description =
          "Another run with a section sample, such as conf/quickstart-start.conf, which makes the model that the"
              + " quickstart starts from, with --from-scratch (default: conf/quickstart.conf).")
  Optional<Path> conf = Optional.empty();

  @Option(
      names = "--from-scratch",
      description =
          "Start from random weights, not from the small model in the jar that has learnt to read.")
  boolean fromScratch;

  @Option(
      names = "--with-fixed",
      description =
          "Also train the same model at its largest token count only, and show in the report what it answers at the"
              + " others.")
  boolean withFixed;

  @Override
  String jobName() {
    return "quickstart";
  }

  @Override
  RunConfig.Loaded load() {
    Path folder = dir.toAbsolutePath().normalize();
    List<String> settings = new ArrayList<>();
    settings.add("run.dir=" + folder);
    settings.addAll(overrides.settings);
    Config file = conf.isPresent() ? ConfigLoader.read(conf.get()) : QuickstartStart.resource(CONF);
    Config own = ConfigLoader.resolve(ConfigLoader.override(file, settings));
    if (!fromScratch && !own.hasPath("pretrained")) {
      settings.add("pretrained=" + QuickstartStart.unpack(folder.resolve("start")));
    }
    // Newly rendered images keep their ids and file names; a new edition makes prepare read them
    // again.
    if (own.hasPath("sample")) {
      settings.add("prepare.edition=" + ConfigLoader.digest(own.getConfig("sample")));
    }
    return RunConfig.of(file, settings);
  }

  @Override
  public Optional<Path> confFile() {
    return conf;
  }

  @Override
  void run(Job job) throws Exception {
    List<Stage> stages = new ArrayList<>(stages(job));
    if (withFixed) {
      stages.addAll(fixedStages(job));
    }
    new Pipeline(job.runFolder(), stages).run();
    String page = Stages.report(job, Optional.empty());
    System.out.printf("%n%s%n%nreport: %s%n", Stages.evaluationTable(job), page);
  }

  private static List<Stage> stages(Job job) {
    RunConfig config = job.config();
    List<Stage> stages = new ArrayList<>();
    stages.add(
        new Stage(
            "sample",
            section(job, "sample"),
            List.of("sample/train.json", "sample/heldout.json"),
            () -> Stages.renderSample(config, Path.of(config.run().dir(), "sample"))));
    stages.add(
        new Stage(
            "prepare",
            section(job, "prepare"),
            List.of(
                "data/train/" + DatasetLayout.VERSIONS, "data/heldout/" + DatasetLayout.VERSIONS),
            () -> Stages.prepare(job)));
    stages.add(trainStage("train", "", job));
    if (config.data().calibrate().isPresent()) {
      stages.add(calibrateStage(job));
    }
    stages.add(evaluateStage("evaluate", "", job));
    return stages;
  }

  /** Stages of the baseline run at the largest token count only, in a subfolder. */
  private List<Stage> fixedStages(Job job) throws IOException {
    RunConfig config = job.config();
    List<Integer> counts = config.tokens().counts();
    RunConfig.Loaded fixed =
        RunConfig.of(
            job.loaded().settings(),
            List.of(
                "run.dir=" + Path.of(config.run().dir(), FIXED),
                "tokens.counts=[" + counts.get(counts.size() - 1) + "]",
                "tokens.weights=[1]",
                "evaluate.auto=false")); // there is one count to choose from
    RunFolder folder = RunFolder.of(fixed.config().run().dir(), job.hadoop());
    EffectiveConf.keep(folder, fixed);
    Job fixedJob = new Job(job.spark(), fixed, folder);
    return List.of(
        trainStage("train-fixed", FIXED + "/", fixedJob),
        evaluateStage("evaluate-fixed", FIXED + "/", fixedJob));
  }

  private static Stage trainStage(String name, String prefix, Job job) {
    return new Stage(
        name,
        section(job, "pretrained", "model", "tokens", "train") + "\n" + QuickstartStart.digest(),
        () -> List.of(prefix + lastCheckpoint(job)),
        () -> Stages.train(job));
  }

  /** The file that says, within the job's folder, that its last step was saved. */
  private static String lastCheckpoint(Job job) throws IOException {
    String usual = CheckpointCatalog.folderOf(job.config().train().maxSteps());
    CheckpointCatalog checkpoints =
        new CheckpointCatalog(job.runFolder().storage(TrainJob.CHECKPOINTS));
    return TrainJob.CHECKPOINTS
        + "/"
        + CheckpointCatalog.manifestOf(checkpoints.find(usual).orElse(usual));
  }

  private static Stage calibrateStage(Job job) {
    RunConfig config = job.config();
    boolean isInRun = config.evaluate().model().isEmpty() && config.calibrate().file().isEmpty();
    return new Stage(
        "calibrate",
        section(job, "calibrate", "evaluate"),
        () -> isInRun ? List.of(newestCalibration(job)) : List.of(),
        () -> log.info("calibrate: {}", Stages.calibrate(job, Optional.empty())));
  }

  private static String newestCalibration(Job job) throws IOException {
    String manifest = lastCheckpoint(job);
    return manifest.substring(0, manifest.lastIndexOf('/') + 1) + Calibration.FILE_NAME;
  }

  private static Stage evaluateStage(String name, String prefix, Job job) {
    return new Stage(
        name,
        section(job, "evaluate"),
        List.of(prefix + "evaluation/summary.json", prefix + "evaluation/predictions"),
        () -> Stages.evaluate(job));
  }

  /** All settings that affect a stage's result: the given sections and the seed. */
  private static String section(Job job, String... names) {
    StringBuilder text = new StringBuilder("seed " + job.config().run().seed());
    for (String name : names) {
      if (job.loaded().settings().hasPath(name)) {
        text.append('\n').append(name).append(' ');
        text.append(job.loaded().settings().getValue(name).render(ConfigRenderOptions.concise()));
      }
    }
    return text.toString();
  }
}
