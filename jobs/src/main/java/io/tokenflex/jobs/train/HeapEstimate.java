package io.tokenflex.jobs.train;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.samples.SampleLimits;
import java.io.IOException;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much of an executor's heap training's input takes, estimated before the first step from the
 * dataset's manifest.
 *
 * <p>A rank holds a window of samples, pictures included, for each of its lanes: all of them at the
 * first step. Beside them it holds the row group that is being read, as pages and as samples, and
 * the pixels of the steps that are prepared ahead.
 *
 * @param windows bytes of samples waiting in the lanes' windows
 * @param reading bytes of the row group being read
 * @param pixels bytes of the batches that are ready
 * @param lanes of a rank
 * @param rowGroupBytes of a row group
 */
record HeapEstimate(long windows, long reading, long pixels, int lanes, long rowGroupBytes) {
  /** What a JVM with Spark needs for itself, about. */
  private static final long BASE_BYTES = 200L << 20;

  /** Steps in the prefetcher's hands besides those that wait: one being made, one in training. */
  private static final int STEPS_IN_HAND = 2;

  private static final int CHANNELS = 3;

  /** A picture's size, for the number of tiles that it becomes. */
  private static final int TYPICAL_WIDTH = 1024;

  private static final int TYPICAL_HEIGHT = 768;

  private static final Logger log = LoggerFactory.getLogger(HeapEstimate.class);

  /**
   * Warns where the executors' heap is small: too little of it would end a rank in its first step,
   * long after everything was started.
   *
   * @throws InvalidInputException if training's input alone does not fit
   */
  static void check(JavaSparkContext spark, RunConfig config, Manifest data) throws IOException {
    int tiles =
        SampleLimits.of(config, spark.hadoopConfiguration())
            .numTiles(TYPICAL_WIDTH, TYPICAL_HEIGHT);
    HeapEstimate estimate = of(config, data, tiles);
    String warning =
        ranksAreInDriver(spark)
            ? estimate.check(
                config,
                Runtime.getRuntime().maxMemory(),
                config.cluster().executors(),
                "cluster.driverMemory")
            : estimate.check(
                config,
                spark.getConf().getSizeAsBytes("spark.executor.memory", "1g"),
                1,
                "cluster.executorMemory");
    if (!warning.isEmpty()) {
      log.warn("train: {}", warning);
    }
  }

  /** Whether ranks are threads of the driver, whose heap they share. */
  static boolean ranksAreInDriver(JavaSparkContext spark) {
    return ClusterConfig.runsTasksInDriver(spark.sc().master());
  }

  /**
   * For one rank of a run.
   *
   * @param tilesPerImage that pictures become, about
   */
  static HeapEstimate of(RunConfig config, Manifest data, int tilesPerImage) {
    int ranks = config.cluster().executors();
    int lanes = config.train().lanes() / ranks;
    long rowGroupBytes = 0;
    for (Manifest.Shard shard : data.shards()) {
      rowGroupBytes = Math.max(rowGroupBytes, shard.bytes() / Math.max(1, shard.rowGroups()));
    }
    long window =
        Math.min(
            config.train().windowRowGroups() * rowGroupBytes,
            data.bytes() / config.train().lanes());
    double imagesPerSample = data.rows() == 0 ? 0 : (double) data.images() / data.rows();
    long side = config.model().vision().imageSize();
    int samples = config.train().globalBatchSize() / ranks; // of a rank's step
    double stepPixels = imagesPerSample * tilesPerImage * samples * CHANNELS * side * side;
    return new HeapEstimate(
        lanes * window,
        2 * rowGroupBytes,
        (long) (stepPixels * (config.train().prefetchSteps() + STEPS_IN_HAND)),
        lanes,
        rowGroupBytes);
  }

  long total() {
    return windows + reading + pixels;
  }

  /**
   * Compares with the heap of an executor.
   *
   * @param heapBytes of the JVM
   * @param ranksPerJvm ranks that share it
   * @param setting what decides its size
   * @return a warning, empty if there is room enough
   * @throws InvalidInputException if the input alone does not fit
   */
  String check(RunConfig config, long heapBytes, int ranksPerJvm, String setting) {
    long needed = ranksPerJvm * total();
    if (needed + BASE_BYTES <= heapBytes) {
      return "";
    }
    String words =
        String.format(
            Locale.ROOT,
            "Training's input takes about %s of the heap (%s), which has %s: %d lanes hold windows of"
                + " train.windowRowGroups = %d row groups of %s (%s), a row group is read (%s), and"
                + " pixels of %d steps are ready (%s)%s. Raise %s to %s or more, run on more"
                + " executors, lower train.prefetchSteps or train.windowRowGroups (the sample order"
                + " depends on it: a new run), or prepare smaller row groups",
            mebibytes(needed),
            setting,
            mebibytes(heapBytes),
            lanes,
            config.train().windowRowGroups(),
            mebibytes(rowGroupBytes),
            mebibytes(windows),
            mebibytes(reading),
            config.train().prefetchSteps() + STEPS_IN_HAND,
            mebibytes(pixels),
            ranksPerJvm == 1 ? "" : ", for each of " + ranksPerJvm + " ranks",
            setting,
            mebibytes((long) (1.2 * (needed + BASE_BYTES))));
    if (needed > heapBytes) {
      throw new InvalidInputException(words);
    }
    return words;
  }

  private static String mebibytes(long bytes) {
    return (bytes + (1L << 20) - 1) / (1L << 20) + "m";
  }
}
