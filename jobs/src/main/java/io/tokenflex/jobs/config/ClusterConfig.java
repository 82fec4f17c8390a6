package io.tokenflex.jobs.config;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The executors of a run and how Spark is asked for them.
 *
 * @param master {@code local-cluster} (separate executor JVMs on this machine), {@code local[n]},
 *     {@code spark://...}, {@code yarn} or {@code k8s://...}
 * @param deployMode {@code client} or {@code cluster}: where the driver runs
 * @param executors number of executors; training runs one rank on each
 * @param coresPerExecutor cores, and torch threads, of an executor; with a master local[n] threads
 *     of each task
 * @param gpusPerExecutor 0 for CPUs, or 1, which Spark must be able to discover
 * @param executorMemory heap such as {@code 2g}; tensors live outside the heap
 * @param driverMemory heap of the driver
 * @param executorTimeout how long training waits for all executors to register
 * @param storageTimeout how long one read of training data, or opening it, may take before the
 *     attempt ends
 * @param trainAttempts how often in a row training may fail without a new checkpoint
 * @param collectivePort port on which a rank listens for its neighbour; 0 lets the system choose
 * @param spark further Spark settings; they win over what this record derives
 */
public record ClusterConfig(
    String master,
    String deployMode,
    int executors,
    int coresPerExecutor,
    int gpusPerExecutor,
    String executorMemory,
    String driverMemory,
    Duration executorTimeout,
    Duration storageTimeout,
    int trainAttempts,
    int collectivePort,
    Map<String, String> spark) {

  /** Of executors, and of drivers that YARN and Kubernetes start. */
  private static final List<String> UTF_8_ENVIRONMENTS =
      List.of("spark.executorEnv", "spark.yarn.appMasterEnv", "spark.kubernetes.driverEnv");

  private static final String EXECUTOR_JAVA_OPTIONS = "spark.executor.extraJavaOptions";

  /**
   * Of executors with a GPU: no downloads where a library is not found; devices numbered as the
   * driver numbers them, as Spark's discovery does; no memory lost between the changing lengths of
   * steps; and the one flavor in which DJL has a bridge to PyTorch with CUDA.
   */
  private static final Map<String, String> GPU_ENVIRONMENT =
      Map.of(
          "DJL_OFFLINE", "true",
          "CUDA_DEVICE_ORDER", "PCI_BUS_ID",
          "PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True",
          "PYTORCH_VERSION", "2.7.1",
          "PYTORCH_FLAVOR", "cu128");

  private static final Pattern MEMORY = Pattern.compile("(\\d+)([mMgG])");

  public ClusterConfig {
    spark = Map.copyOf(spark);
    Expect.atLeastOne("executors", executors);
    Expect.atLeastOne("coresPerExecutor", coresPerExecutor);
    if (gpusPerExecutor < 0 || gpusPerExecutor > 1) {
      throw new InvalidInputException(
          "gpusPerExecutor is "
              + gpusPerExecutor
              + "; expected 0 for CPUs or 1: a rank computes on one GPU, so a node with several"
              + " GPUs runs as many executors (raise executors)");
    }
    if (gpusPerExecutor > 0 && runsTasksInDriver(master)) {
      throw new InvalidInputException(
          "gpusPerExecutor is "
              + gpusPerExecutor
              + " and master is "
              + master
              + ", where Spark gives tasks no GPUs; set master = local-cluster on one machine");
    }
    if (!deployMode.equals("client") && !deployMode.equals("cluster")) {
      throw new InvalidInputException(
          "deployMode is " + deployMode + "; expected client or cluster");
    }
    if (deployMode.equals("cluster") && master.startsWith("spark://")) {
      throw new InvalidInputException(
          "deployMode is cluster and master is "
              + master
              + ": a standalone master hands the driver no files, and spark-submit ends before it"
              + " does. Set deployMode = client and start the command on a machine that the"
              + " executors reach; YARN and Kubernetes take cluster");
    }
    Expect.atLeastOne("trainAttempts", trainAttempts);
    if (collectivePort < 0 || collectivePort > 65535) {
      throw new InvalidInputException(
          "collectivePort is " + collectivePort + "; expected 0 to 65535");
    }
    Expect.aboveZero("executorTimeout", executorTimeout);
    Expect.aboveZero("storageTimeout", storageTimeout);
    toMebibytes("executorMemory", executorMemory);
    toMebibytes("driverMemory", driverMemory);
    for (String key : spark.keySet()) {
      if (!key.startsWith("spark.")) {
        throw new InvalidInputException(
            "spark holds the key " + key + "; every Spark setting starts with spark.");
      }
    }
    if (Boolean.parseBoolean(spark.get("spark.dynamicAllocation.enabled"))) {
      throw new InvalidInputException(
          "spark switches dynamic allocation on, which excludes barrier stages; remove"
              + " spark.dynamicAllocation.enabled and choose executors");
    }
  }

  /** The same executors on another master; on one that gives tasks no GPUs, without any. */
  public ClusterConfig withMaster(String other) {
    return with(other, "client", runsTasksInDriver(other) ? 0 : gpusPerExecutor, spark);
  }

  /** Whether a master as Spark spells it, such as {@code local[2]}, has no executors of its own. */
  public static boolean runsTasksInDriver(String master) {
    return master.equals("local") || master.startsWith("local[");
  }

  /**
   * For training, which uses all cores of an executor in one task and waits for missing executors
   * itself: Spark's own wait would come on top of that.
   */
  public ClusterConfig forTraining() {
    Map<String, String> settings = new TreeMap<>(spark);
    settings.putIfAbsent("spark.task.cpus", Integer.toString(coresPerExecutor));
    settings.putIfAbsent("spark.scheduler.maxRegisteredResourcesWaitingTime", "1s");
    return with(master, deployMode, gpusPerExecutor, settings);
  }

  private ClusterConfig with(
      String otherMaster, String otherMode, int gpus, Map<String, String> settings) {
    return new ClusterConfig(
        otherMaster,
        otherMode,
        executors,
        coresPerExecutor,
        gpus,
        executorMemory,
        driverMemory,
        executorTimeout,
        storageTimeout,
        trainAttempts,
        collectivePort,
        settings);
  }

  /** Whether all executors see this machine's files. */
  public boolean isLocal() {
    return master.startsWith("local");
  }

  /** The master as Spark spells it: {@code local-cluster} gains its sizes. */
  public String sparkMaster() {
    return master.equals("local-cluster")
        ? String.format(
            Locale.ROOT,
            "local-cluster[%d,%d,%d]",
            executors,
            coresPerExecutor,
            toMebibytes("executorMemory", executorMemory))
        : master;
  }

  /**
   * Every Spark setting of the run except master and deploy mode, sorted by key.
   *
   * <p>Barrier stages need all slots at once: wait until every executor has registered, look for
   * free slots every second, and keep the number of executors fixed.
   */
  public Map<String, String> sparkSettings() {
    Map<String, String> settings = new TreeMap<>();
    settings.put("spark.executor.instances", Integer.toString(executors));
    settings.put("spark.executor.cores", Integer.toString(coresPerExecutor));
    settings.put("spark.cores.max", Integer.toString(executors * coresPerExecutor));
    settings.put("spark.executor.memory", executorMemory);
    settings.put("spark.dynamicAllocation.enabled", "false");
    settings.put("spark.scheduler.minRegisteredResourcesRatio", "1.0");
    // Missing executors are waited for and named by training itself; other work starts with fewer.
    settings.put(
        "spark.scheduler.maxRegisteredResourcesWaitingTime", executorTimeout.toSeconds() + "s");
    // Spark's default is a year: a rank that does not come would be waited for without a word.
    settings.put(
        "spark.barrier.sync.timeout", executorTimeout.plus(storageTimeout).toSeconds() + "s");
    // A killed task that cannot be woken would keep its executor for ever.
    settings.put("spark.task.reaper.enabled", "true");
    settings.put("spark.task.reaper.killTimeout", "60s");
    settings.put("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s");
    // Spark sets it to 1 in executors, and torch would obey.
    settings.put("spark.executorEnv.OMP_NUM_THREADS", Integer.toString(coresPerExecutor));
    // Java names files in the locale's charset; without one, as in slim containers, that is ASCII.
    for (String environment : UTF_8_ENVIRONMENTS) {
      settings.put(environment + ".LC_ALL", "C.UTF-8");
    }
    // DJL downloads nothing: what is not in the jar or on the node is missing.
    String javaOptions =
        "-Djava.awt.headless=true -Duser.language.format=en -Dai.djl.offline=true"
            + " -Dai.djl.pytorch.num_threads="
            + coresPerExecutor;
    settings.put(EXECUTOR_JAVA_OPTIONS, javaOptions);
    if (gpusPerExecutor > 0) {
      settings.put(StageGpus.PER_EXECUTOR, Integer.toString(gpusPerExecutor)); // tasks: see there
      GPU_ENVIRONMENT.forEach((name, value) -> settings.put("spark.executorEnv." + name, value));
    }
    if (isLocal()) {
      settings.put("spark.driver.host", "127.0.0.1");
      settings.put("spark.driver.bindAddress", "127.0.0.1");
      settings.put("spark.executorEnv.SPARK_SCALA_VERSION", "2.13");
    }
    settings.putAll(spark);
    // Further options of the run come after ours, and may say otherwise.
    settings.computeIfPresent(
        EXECUTOR_JAVA_OPTIONS,
        (key, options) -> options.equals(javaOptions) ? options : javaOptions + " " + options);
    return Collections.unmodifiableMap(settings);
  }

  private static int toMebibytes(String name, String memory) {
    Matcher matcher = MEMORY.matcher(memory);
    if (!matcher.matches()) {
      throw new InvalidInputException(
          name + " is " + memory + "; expected a whole number of m or g such as 2g");
    }
    int number = Integer.parseInt(matcher.group(1));
    return matcher.group(2).toLowerCase(Locale.ROOT).equals("g") ? number * 1024 : number;
  }
}
