package io.tokenflex.jobs.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description =
        "Answers held-out questions and benchmarks at every token count; accuracy, speed, predictions.")
final class EvaluateCommand extends JobCommand.Configured {
  @Option(
      names = "--model",
      paramLabel = "FOLDER",
      description =
          "A model folder or checkpoint to evaluate instead of the run's; 'all' stands for every"
              + " checkpoint of the run. May be given several times: the models are evaluated one"
              + " after the other, each into evaluation/models/NAME.")
  List<String> models = new ArrayList<>();

  @Override
  String jobName() {
    return "evaluate";
  }

  @Override
  void run(Job job) throws Exception {
    if (models.isEmpty()) {
      Stages.evaluate(job);
    } else {
      Stages.evaluateAll(job, models);
    }
  }
}
