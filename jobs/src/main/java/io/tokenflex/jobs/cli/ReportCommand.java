package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.config.RunConfig;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = "Writes report.html from what the run folder holds.")
final class ReportCommand extends JobCommand.Configured {
  @Option(
      names = "--beside",
      paramLabel = "DIR",
      description = "Folder of another run (its run.dir) that the page shows beside this one.")
  private Optional<String> beside = Optional.empty();

  @Override
  String jobName() {
    return "report";
  }

  /** Reads only a few small files, so the driver suffices. */
  @Override
  ClusterConfig cluster(RunConfig config) {
    return config.cluster().withMaster("local[1]");
  }

  @Override
  void run(Job job) throws Exception {
    Stages.report(job, beside);
  }
}
