package io.tokenflex.jobs.cli;

import picocli.CommandLine.Command;

@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description =
        "Answers held-out questions at every token count; accuracy, speed and predictions.")
final class EvaluateCommand extends JobCommand.Configured {
  @Override
  String jobName() {
    return "evaluate";
  }

  @Override
  void run(Job job) throws Exception {
    Stages.evaluate(job);
  }
}
