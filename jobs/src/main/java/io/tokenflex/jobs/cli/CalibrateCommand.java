package io.tokenflex.jobs.cli;

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
