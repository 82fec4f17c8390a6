package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.train.HeldModel;
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
    Optional<String> named = model.or(() -> job.config().evaluate().model());
    try (HeldModel held =
        named.isPresent()
            ? HeldModel.of(named.get(), job.hadoop())
            : HeldModel.newest(job.runFolder())) {
      spec.commandLine().getOut().println(Stages.calibrate(job, held.folder()));
      spec.commandLine().getOut().flush();
    }
  }
}
