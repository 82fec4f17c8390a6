package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.doctor.DoctorJob;
import io.tokenflex.jobs.doctor.DoctorReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Leaves nothing in the run's folder, not even the line that it was here. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Looks at the executors of a run as training would use them: processor, memory, GPU and libraries, and how fast"
          + " they compute, talk to each other and reach the storage. Nothing is trained.",
      "Exit status: 0 all fits together, 2 something does not, 4 executors are missing."
    })
final class DoctorCommand implements SparkCommand, Callable<Integer> {
  @Option(
      names = "--conf",
      paramLabel = "FILE",
      required = true,
      description = "The run: a HOCON file, see conf/.")
  Path conf;

  @Mixin JobCommand.Overrides overrides;

  @Spec CommandSpec spec;

  @Override
  public ClusterConfig cluster() {
    return load().config().cluster().forTraining();
  }

  @Override
  public Optional<Path> confFile() {
    return Optional.of(conf);
  }

  private RunConfig.Loaded load() {
    return RunConfig.load(conf, overrides.settings);
  }

  @Override
  public Integer call() throws Exception {
    RunConfig.Loaded loaded = load();
    try (SparkSession spark =
        SparkSessions.open(loaded.config().cluster().forTraining(), "doctor")) {
      DoctorReport report = DoctorJob.run(spark, loaded);
      PrintWriter out = spec.commandLine().getOut();
      out.print(report.toText());
      out.flush();
      return (report.isWell() ? ExitCode.DONE : ExitCode.BAD_CONFIG).status();
    }
  }
}
