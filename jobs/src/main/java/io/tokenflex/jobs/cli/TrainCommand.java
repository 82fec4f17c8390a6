package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.config.RunConfig;
import picocli.CommandLine.Command;

@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Trains data-parallel, one rank on each executor, and writes checkpoints into the run's folder.",
      "Run it again to resume from the newest checkpoint; the number of executors may change."
    })
final class TrainCommand extends JobCommand.Configured {
  @Override
  String jobName() {
    return "train";
  }

  /** A rank uses all cores of its executor. */
  @Override
  ClusterConfig cluster(RunConfig config) {
    return config.cluster().forTraining();
  }

  @Override
  void run(Job job) throws Exception {
    Stages.train(job);
  }
}
