package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.config.EffectiveConf;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.run.CommandLog;
import io.tokenflex.jobs.run.RunFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A subcommand that works on a run. */
abstract class JobCommand implements SparkCommand, Callable<Integer> {

  /** Spark session, configuration and folder of a run. */
  record Job(SparkSession spark, RunConfig.Loaded loaded, RunFolder runFolder) {
    RunConfig config() {
      return loaded.config();
    }

    Configuration hadoop() {
      return spark.sparkContext().hadoopConfiguration();
    }
  }

  /** Settings given with {@code --set}. */
  static final class Overrides {
    @Option(
        names = "--set",
        paramLabel = "key=value",
        description = "Overrides a setting of the run, for instance --set train.maxSteps=100.")
    List<String> settings = new ArrayList<>();
  }

  @Mixin Overrides overrides;

  @Spec CommandSpec spec;

  /** Loads the run's configuration. */
  abstract RunConfig.Loaded load();

  /** Runs the command. */
  abstract void run(Job job) throws Exception;

  /** The command's name in Spark's application name. */
  abstract String jobName();

  /** Cluster settings of this command; by default the run's. */
  ClusterConfig cluster(RunConfig config) {
    return config.cluster();
  }

  @Override
  public final ClusterConfig cluster() {
    return cluster(load().config());
  }

  @Override
  public Integer call() throws Exception {
    RunConfig.Loaded loaded = load();
    RunConfig config = loaded.config();
    try (SparkSession spark = SparkSessions.open(cluster(config), jobName())) {
      RunFolder runFolder =
          RunFolder.of(config.run().dir(), spark.sparkContext().hadoopConfiguration());
      CommandLog command = CommandLog.begin(runFolder, jobName(), arguments());
      run(new Job(spark, loaded, runFolder));
      EffectiveConf.keep(runFolder, loaded);
      command.end();
    }
    return ExitCode.DONE.status();
  }

  /** The arguments of the command line. */
  private List<String> arguments() {
    return spec.root().commandLine().getParseResult().originalArgs();
  }

  /** A subcommand whose run is given by {@code --conf}. */
  abstract static class Configured extends JobCommand {
    @Option(
        names = "--conf",
        paramLabel = "FILE",
        required = true,
        description = "The run: a HOCON file, see conf/.")
    Path conf;

    @Override
    RunConfig.Loaded load() {
      return RunConfig.load(conf, overrides.settings);
    }

    @Override
    public Optional<Path> confFile() {
      return Optional.of(conf);
    }
  }
}
