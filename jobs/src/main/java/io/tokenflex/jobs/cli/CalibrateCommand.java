package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.config.CalibrateConfig;
import io.tokenflex.jobs.config.RunConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    description = {
      "Finds out how many vision tokens a picture and question need, on the dataset data.calibrate,"
          + " which no reported number may use, and writes calibration.json into the model's"
          + " folder.",
      "Then chat and predict know --tokens auto, and evaluate knows evaluate.auto."
    })
final class CalibrateCommand extends JobCommand.Configured {
  @Option(
      names = "--model",
      paramLabel = "FOLDER",
      description = "A model folder or checkpoint (default: evaluate.model, or the newest).")
  Optional<String> model = Optional.empty();

  @Option(
      names = "--minimise",
      paramLabel = "tokens|seconds",
      description =
          "What there is to be little of: vision tokens, or seconds as measured here (default:"
              + " calibrate.minimise, tokens).")
  Optional<CalibrateConfig.Cost> minimise = Optional.empty();

  @Override
  RunConfig.Loaded load() {
    List<String> settings = new ArrayList<>(overrides.settings);
    minimise.ifPresent(
        cost -> settings.add("calibrate.minimise=" + cost.name().toLowerCase(Locale.ROOT)));
    return RunConfig.load(conf, settings);
  }

  @Override
  String jobName() {
    return "calibrate";
  }

  @Override
  void run(Job job) throws Exception {
    spec.commandLine().getOut().println(Stages.calibrate(job, model));
    spec.commandLine().getOut().flush();
  }
}
