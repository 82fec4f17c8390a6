package io.tokenflex.jobs.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;

/**
 * A real Spark standalone cluster on this machine, from the Spark home that the build assembles: a
 * master and workers of one core as processes of their own, and spark-submit as another. The test
 * classes of a JVM share one, as long as they ask for the same; it ends with the JVM.
 */
final class StandaloneCluster {
  private static final String HOST = "127.0.0.1";
  private static final String WORKER_MEMORY = "1g";
  private static final Duration START_DEADLINE = Duration.ofSeconds(90);

  /**
   * Of every JVM of a cluster: it lives for seconds, so less compiling, one collector thread, and
   * Spark's classes from the archive that the build has made. A JVM takes the archive if its class
   * path is that of the one that wrote it, and goes on without one.
   */
  private static final String SHORT_LIVED =
      "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:SharedArchiveFile="
          + System.getProperty("tokenflex.class.archive");

  private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://\\S+)");

  private static Path sharedFolder;
  private static StandaloneCluster current;
  private static int numClusters;

  private final Path folder;
  private final List<String> workerHosts;
  private final Map<String, String> environment;
  private final List<Process> processes = new ArrayList<>();
  private final List<Process> workers = new ArrayList<>();
  private final List<Process> drivers = new ArrayList<>();
  private final String masterUrl;

  /** A master and two workers. */
  static StandaloneCluster ofTwoWorkers() throws Exception {
    return of(List.of(HOST, HOST), Map.of());
  }

  /**
   * A master and a worker on each of two loopback addresses: to Spark they are different machines,
   * and only on another machine does it try a slow task a second time.
   */
  static StandaloneCluster ofTwoMachines() throws Exception {
    return of(List.of(HOST, "127.0.0.2"), Map.of());
  }

  /**
   * A master and two workers with further environment variables of workers, executors and drivers.
   * The master is left out: Spark's own cannot name applications in every locale.
   */
  static StandaloneCluster ofTwoWorkersWith(Map<String, String> environment) throws Exception {
    return of(List.of(HOST, HOST), environment);
  }

  private static synchronized StandaloneCluster of(
      List<String> workerHosts, Map<String, String> environment) throws Exception {
    if (current != null
        && current.workerHosts.equals(workerHosts)
        && current.environment.equals(environment)) {
      current.drivers.forEach(Process::destroyForcibly); // of a test that failed
      current.awaitNoExecutors();
      return current;
    }
    if (current != null) {
      current.stop();
    }
    Path folder = Files.createDirectory(sharedFolder().resolve("cluster-" + ++numClusters));
    current = new StandaloneCluster(folder, workerHosts, environment);
    return current;
  }

  /** A folder of this JVM, which goes when it ends, after the cluster. */
  static synchronized Path sharedFolder() throws IOException {
    if (sharedFolder == null) {
      sharedFolder = Files.createTempDirectory("tokenflex-it");
      Runtime.getRuntime().addShutdownHook(new Thread(StandaloneCluster::leave));
    }
    return sharedFolder;
  }

  /** Copies a folder that a command has left, for another one to go on with. */
  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  private static synchronized void leave() {
    if (current != null) {
      current.stop();
    }
    FileUtil.fullyDelete(sharedFolder.toFile());
  }

  private StandaloneCluster(Path folder, List<String> workerHosts, Map<String, String> environment)
      throws IOException, InterruptedException {
    this.folder = folder;
    this.workerHosts = List.copyOf(workerHosts);
    this.environment = Map.copyOf(environment);
    try {
      Path masterLog = folder.resolve("master.log");
      launch(
          masterLog,
          "org.apache.spark.deploy.master.Master",
          List.of("--host", HOST, "--port", "0", "--webui-port", "0"));
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
                    WORKER_MEMORY,
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
      stop();
      throw e;
    }
  }

  /**
   * Submits the shaded job jar.
   *
   * @return the driver, whose output goes to a file of its own
   */
  Submitted submit(Command command) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--master", masterUrl));
    command.sparkSettings().forEach(setting -> arguments.addAll(List.of("--conf", setting)));
    arguments.addAll(List.of("--class", "io.tokenflex.jobs.TokenFlexCli"));
    arguments.add(System.getProperty("tokenflex.job.jar"));
    arguments.addAll(command.words());
    Path log = folder.resolve("submit-" + drivers.size() + ".log");
    Process driver = launch(log, "org.apache.spark.deploy.SparkSubmit", arguments);
    drivers.add(driver);
    return new Submitted(driver, log);
  }

  /** Waits until those of earlier commands are gone. */
  void awaitNoExecutors() throws Exception {
    Submitted.await("executors of earlier commands gone", () -> executors().isEmpty());
  }

  /** The JVMs that run executors now: children of the workers, which also start short commands. */
  List<ProcessHandle> executors() {
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
    command.addAll(List.of("-cp", classPath(home.resolve("jars")), mainClass));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("JAVA_TOOL_OPTIONS", SHORT_LIVED);
    builder.environment().put("SPARK_SCALA_VERSION", System.getenv("SPARK_SCALA_VERSION"));
    builder.environment().put("SPARK_LOCAL_IP", HOST);
    // Executors would have it on their class path, and no archive is taken with a folder there.
    builder.environment().put("SPARK_CONF_DIR", home.resolve("no-conf").toString());
    if (!mainClass.endsWith("Master")) {
      builder.environment().putAll(environment);
    }
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** In the order in which Spark starts executors, so that all find the archive to be theirs. */
  private static String classPath(Path jars) throws IOException {
    try (DirectoryStream<Path> first = Files.newDirectoryStream(jars, "slf4j-api-*.jar")) {
      return first.iterator().next() + File.pathSeparator + jars + "/*";
    }
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
  private void stop() {
    for (Process process : processes) {
      try (Stream<ProcessHandle> descendants = process.descendants()) {
        descendants.forEach(ProcessHandle::destroyForcibly);
      }
      process.destroyForcibly();
    }
  }
}
