package io.tokenflex.jobs.cli;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.failure.RejectedDataException;
import io.tokenflex.jobs.failure.RetryableException;
import io.tokenflex.jobs.pages.html.HumanText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A subcommand that works on one dataset, independent of a run. */
abstract class DatasetCommand implements SparkCommand, Callable<Integer> {
  private static final int MAX_LINE_CHARS = 2000;

  @Parameters(
      index = "0",
      paramLabel = "DATASET",
      description = "The dataset's folder, on any Hadoop file system.")
  String dataset;

  // Not picocli's standard options, because --version selects a version of the dataset.
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  boolean isHelpWanted;

  @Mixin LocalCluster.Overrides overrides;

  @Spec CommandSpec spec;

  /** The command's name in Spark's application name. */
  abstract String jobName();

  /** Runs the command. */
  abstract ExitCode run(SparkSession spark) throws Exception;

  @Override
  public Optional<Path> confFile() {
    return Optional.empty();
  }

  @Override
  public ClusterConfig cluster() {
    return overrides.cluster();
  }

  @Override
  public Integer call() {
    try (SparkSession spark = SparkSessions.open(cluster(), jobName())) {
      return run(spark).status();
    } catch (InvalidInputException | RejectedDataException e) {
      throw e; // invalid path or version, or damaged data
    } catch (Exception e) { // Scala code can throw undeclared checked exceptions
      throw new RetryableException("The command " + jobName() + " of " + dataset + " failed", e);
    }
  }

  /** Prints a line that may contain text from the data. */
  final void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(HumanText.readable(line.replace('\n', ' '), MAX_LINE_CHARS));
    out.flush();
  }
}
