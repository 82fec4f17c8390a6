package io.tokenflex.jobs.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A real Spark standalone cluster on this machine, from the Spark home that the build assembles: a
 * master and workers as processes of their own, and spark-submit as another.
 */
public final class StandaloneCluster implements AutoCloseable {
  private static final Duration START_DEADLINE = Duration.ofSeconds(90);

  /**
   * Of every JVM of a cluster: it lives for seconds, so less compiling and one collector thread.
   */
  private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

  private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://\\S+)");

  private final Path folder;
  private final List<Process> processes = new ArrayList<>();
  private final List<Process> workers = new ArrayList<>();
  private final String masterUrl;

  private final Map<String, String> environment;

  private StandaloneCluster(
      Path folder, List<String> workerHosts, String memory, Map<String, String> environment)
      throws IOException, InterruptedException {
    this.folder = folder;
    this.environment = Map.copyOf(environment);
    try {
      Path masterLog = folder.resolve("master.log");
      launch(
          masterLog,
          "org.apache.spark.deploy.master.Master",
          List.of("--host", "127.0.0.1", "--port", "0", "--webui-port", "0"));
      masterUrl = await(masterLog, MASTER).group(1);
      for (int i = 0; i < workerHosts.size(); i++) {
        Path log = folder.resolve("worker-" + i + ".log");
        workers.add(
            launch(
                log,
                "org.apache.spark.deploy.worker.Worker",
                List.of(
                    "--host",
                    workerHosts.get(i),
                    "--port",
                    "0",
                    "--webui-port",
                    "0",
                    "--cores",
                    "1",
                    "--memory",
                    memory,
                    "--work-dir",
                    folder.resolve("work-" + i).toString(),
                    masterUrl)));
      }
      for (int i = 0; i < workerHosts.size(); i++) {
        await(
            folder.resolve("worker-" + i + ".log"),
            Pattern.compile("Successfully registered with master"));
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts a cluster whose workers have one core each, and waits until all have registered.
   *
   * @param folder for logs and the work of executors
   * @param memory of each worker, such as {@code 2g}
   */
  public static StandaloneCluster start(Path folder, int numWorkers, String memory)
      throws IOException, InterruptedException {
    return start(folder, numWorkers, memory, Map.of());
  }

  /**
   * The same with further environment variables of workers, executors and drivers. The master is
   * left out: Spark's own cannot name applications in every locale.
   */
  static StandaloneCluster start(
      Path folder, int numWorkers, String memory, Map<String, String> environment)
      throws IOException, InterruptedException {
    return new StandaloneCluster(
        folder, Collections.nCopies(numWorkers, "127.0.0.1"), memory, environment);
  }

  /**
   * Starts a cluster with a worker on each of some loopback addresses: to Spark they are different
   * machines, and only on another machine does it try a slow task a second time.
   */
  static StandaloneCluster startOn(Path folder, List<String> workerHosts, String memory)
      throws IOException, InterruptedException {
    return new StandaloneCluster(folder, workerHosts, memory, Map.of());
  }

  public String masterUrl() {
    return masterUrl;
  }

  /** Submits the shaded job jar; output goes to {@code submit.log} in the cluster's folder. */
  public Process submit(List<String> sparkArguments, List<String> command) throws IOException {
    return submit(submitLog(), sparkArguments, command);
  }

  /** Submits the shaded job jar with a log of its own, for several at once. */
  Process submit(Path log, List<String> sparkArguments, List<String> command) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--master", masterUrl));
    arguments.addAll(sparkArguments);
    arguments.addAll(List.of("--class", "io.tokenflex.jobs.TokenFlexCli"));
    arguments.add(System.getProperty("tokenflex.job.jar"));
    arguments.addAll(command);
    return launch(log, "org.apache.spark.deploy.SparkSubmit", arguments);
  }

  public Path submitLog() {
    return folder.resolve("submit.log");
  }

  /** The JVMs that run executors now: children of the workers, which also start short commands. */
  public List<ProcessHandle> executors() {
    return workers.stream()
        .flatMap(worker -> worker.toHandle().children())
        .filter(child -> child.info().command().orElse("").endsWith("/java"))
        .toList();
  }

  private Process launch(Path log, String mainClass, List<String> arguments) throws IOException {
    Path home = Path.of(System.getenv("SPARK_HOME"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.add("@" + home.resolve("conf/java-options.txt"));
    // Without conf/: Spark's own logging tells when master and workers are up.
    command.addAll(List.of("-cp", home.resolve("jars") + "/*", mainClass));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("JAVA_TOOL_OPTIONS", SHORT_LIVED);
    builder.environment().put("SPARK_SCALA_VERSION", System.getenv("SPARK_SCALA_VERSION"));
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    if (!mainClass.endsWith("Master")) {
      builder.environment().putAll(environment);
    }
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private Matcher await(Path log, Pattern pattern) throws IOException, InterruptedException {
    Instant deadline = Instant.now().plus(START_DEADLINE);
    while (Instant.now().isBefore(deadline)) {
      Matcher matcher = pattern.matcher(Files.readString(log, StandardCharsets.UTF_8));
      if (matcher.find()) {
        return matcher;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new IllegalStateException(
        "No '%s' within %s in %s:%n%s"
            .formatted(pattern, START_DEADLINE, log, Files.readString(log)));
  }

  /** Ends every process that this cluster started. */
  @Override
  public void close() {
    for (Process process : processes) {
      try (Stream<ProcessHandle> descendants = process.descendants()) {
        descendants.forEach(ProcessHandle::destroyForcibly);
      }
      process.destroyForcibly();
    }
  }
}
