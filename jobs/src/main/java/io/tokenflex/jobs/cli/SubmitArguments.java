package io.tokenflex.jobs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.ClusterConfig;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Writes the arguments of spark-submit for a command into a file, a zero byte after each. Master
 * and Spark settings are in the run's configuration file, which shell scripts cannot parse; what a
 * JVM prints of its own accord, or a line break in a prompt, is no argument's end.
 *
 * <p>Called by {@code ./tokenflex} as {@code SubmitArguments FILE JOB_JAR subcommand [option...]}.
 */
public final class SubmitArguments {
  /** Main class of the job jar; given by name, because this package must not depend on it. */
  static final String MAIN_CLASS = "io.tokenflex.jobs.TokenFlexCli";

  /** Spark's value for an application that is already on the class path. */
  private static final String NO_JAR = "spark-internal";

  private static final String CONF = "--conf";

  private SubmitArguments() {}

  public static void main(String[] args) {
    List<String> command = List.of(args).subList(2, args.length);
    int status;
    try {
      status =
          CommandGuard.run(
              () -> {
                StringBuilder arguments = new StringBuilder();
                of(Path.of(args[1]), command)
                    .forEach(argument -> arguments.append(argument).append('\0'));
                Files.writeString(Path.of(args[0]), arguments);
                return ExitCode.DONE.status();
              },
              command.contains(CommandGuard.TRACE),
              new PrintWriter(System.err, /* autoFlush= */ true, UTF_8));
    } catch (ParameterException e) {
      System.err.println(e.getMessage());
      e.getCommandLine().usage(System.err);
      status = ExitCode.BAD_CONFIG.status();
    }
    if (status != 0) {
      System.exit(status);
    }
  }

  /** The arguments that submit {@code command}. */
  static List<String> of(Path jobJar, List<String> command) {
    ParseResult parsed = CommandLines.create().parseArgs(command.toArray(String[]::new));
    if (!parsed.hasSubcommand()
        || !(parsed.subcommand().commandSpec().userObject() instanceof SparkCommand job)) {
      throw new InvalidInputException("No subcommand; see ./tokenflex --help");
    }
    ClusterConfig cluster = job.cluster();
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--master", cluster.sparkMaster()));
    arguments.addAll(List.of("--deploy-mode", cluster.deployMode()));
    arguments.addAll(List.of("--driver-memory", cluster.driverMemory()));
    arguments.addAll(List.of("--class", MAIN_CLASS));
    for (Map.Entry<String, String> setting : cluster.sparkSettings().entrySet()) {
      arguments.addAll(List.of("--conf", setting.getKey() + "=" + setting.getValue()));
    }
    if (cluster.isLocal()) {
      // Local executors read the jar in place instead of copying it.
      arguments.addAll(List.of("--driver-class-path", jobJar.toString()));
      arguments.addAll(List.of("--conf", "spark.executor.extraClassPath=" + jobJar));
      arguments.add(NO_JAR);
      arguments.addAll(command);
    } else if (cluster.deployMode().equals("cluster") && job.confFile().isPresent()) {
      Path file = job.confFile().get();
      arguments.addAll(List.of("--files", file.toString(), jobJar.toString()));
      arguments.addAll(withConf(command, file.getFileName().toString()));
    } else {
      arguments.add(jobJar.toString());
      arguments.addAll(command);
    }
    return arguments;
  }

  /** Replaces the value of {@code --conf}, written with {@code =} or a space. */
  private static List<String> withConf(List<String> command, String name) {
    List<String> changed = new ArrayList<>();
    boolean isValue = false;
    for (String argument : command) {
      if (isValue) {
        changed.add(name);
      } else {
        changed.add(argument.startsWith(CONF + "=") ? CONF + "=" + name : argument);
      }
      isValue = !isValue && argument.equals(CONF);
    }
    return changed;
  }
}
