package io.tokenflex.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import io.tokenflex.config.ConfigLoader;
import io.tokenflex.dataprep.shard.DatasetLayout;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.quickstart.Pipeline;
import io.tokenflex.jobs.quickstart.Stage;
import io.tokenflex.jobs.train.TrainJob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description =
        "Renders pictures with questions, prepares them, trains a small TokenFLEX from scratch on two executors,"
            + " evaluates it at every token count and writes a report. Run it again to go on where it broke off.")
final class QuickstartCommand extends JobCommand {
  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "quickstart-run",
      description = "Folder for everything it writes (default: ./quickstart-run).")
  Path dir;

  @Override
  String jobName() {
    return "quickstart";
  }

  @Override
  RunConfig.Loaded load() {
    List<String> settings = new ArrayList<>();
    settings.add("run.dir=" + dir.toAbsolutePath().normalize());
    settings.addAll(overrides.settings);
    // Pictures rendered anew keep their ids and names: the dataset must not take them for known.
    Config sample = loadWith(settings).settings().getConfig("sample");
    settings.add("prepare.edition=" + ConfigLoader.digest(sample));
    return loadWith(settings);
  }

  private static RunConfig.Loaded loadWith(List<String> settings) {
    return RunConfig.loadResource("conf/quickstart.conf", settings);
  }

  @Override
  public Optional<Path> confFile() {
    return Optional.empty();
  }

  @Override
  void run(Job job) throws Exception {
    new Pipeline(job.runFolder(), stages(job)).run();
    String page = Stages.report(job);
    System.out.printf("%n%s%n%nreport: %s%n", Stages.evaluationTable(job), page);
  }

  private static List<Stage> stages(Job job) {
    RunConfig config = job.config();
    return List.of(
        new Stage(
            "sample",
            section(job, "sample"),
            List.of("sample/train.json", "sample/heldout.json"),
            () -> Stages.renderSample(config, Path.of(config.run().dir(), "sample"))),
        new Stage(
            "prepare",
            section(job, "prepare"),
            List.of(
                "data/train/" + DatasetLayout.VERSIONS, "data/heldout/" + DatasetLayout.VERSIONS),
            () -> Stages.prepare(job)),
        new Stage(
            "train",
            section(job, "sample", "prepare", "model", "tokens", "train"),
            List.of(
                String.format(
                    Locale.ROOT,
                    "%s/step-%08d/manifest.json",
                    TrainJob.CHECKPOINTS,
                    config.train().maxSteps())),
            () -> Stages.train(job)),
        new Stage(
            "evaluate",
            section(job, "evaluate"),
            List.of("evaluation/summary.json", "evaluation/predictions"),
            () -> Stages.evaluate(job)));
  }

  /** The settings that change a stage's result: its section and the seed. */
  private static String section(Job job, String... names) {
    StringBuilder text = new StringBuilder("seed " + job.config().run().seed());
    for (String name : names) {
      text.append('\n').append(name).append(' ');
      text.append(job.loaded().settings().getValue(name).render(ConfigRenderOptions.concise()));
    }
    return text.toString();
  }
}
