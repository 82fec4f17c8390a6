package io.tokenflex.jobs.cli;

import picocli.CommandLine.Command;

@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    description =
        "Checks image-text data and writes it as Parquet shards with a manifest and rejects.")
final class PrepareCommand extends JobCommand.Configured {
  @Override
  String jobName() {
    return "prepare";
  }

  @Override
  void run(Job job) throws Exception {
    Stages.prepare(job);
  }
}
