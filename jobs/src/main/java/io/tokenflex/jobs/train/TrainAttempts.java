package io.tokenflex.jobs.train;

import io.tokenflex.checkpoint.RunBusyException;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.jobs.train.AttemptReports.Verdict;
import io.tokenflex.train.DivergedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs attempts of a training one after the other, hears their ranks and judges why they failed.
 */
final class TrainAttempts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TrainAttempts.class);
  private static final Duration HELLO_TIMEOUT = Duration.ofSeconds(10);

  /** How long the ranks of a failed attempt may take to say why. */
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(5);

  private final JavaSparkContext spark;
  private final String jobGroup;
  private final RunConfig config;
  private final RankReports reports;
  private volatile AttemptReports attempt = new AttemptReports(0);

  /**
   * Listens to ranks.
   *
   * @param progress hears what ranks report besides failures
   */
  TrainAttempts(
      JavaSparkContext spark, String jobGroup, RunConfig config, Consumer<RankReport> progress)
      throws IOException {
    this.spark = spark;
    this.jobGroup = jobGroup;
    this.config = config;
    String host = spark.getConf().get("spark.driver.host");
    this.reports =
        new RankReports(
            spark.getConf().get("spark.driver.bindAddress", host),
            HELLO_TIMEOUT,
            report -> hear(report, progress));
  }

  private void hear(RankReport report, Consumer<RankReport> progress) {
    if (report instanceof RankReport.Failed failure) {
      attempt.failed(failure);
    } else if (report instanceof RankReport.Waiting waiting) {
      attempt.waiting(waiting);
      logWaiting(waiting);
    } else {
      progress.accept(report);
    }
  }

  private static void logWaiting(RankReport.Waiting waiting) {
    if (waiting.isOver()) {
      log.info(
          "train: rank {} waited {} s for {}", waiting.rank(), waiting.seconds(), waiting.what());
    } else {
      log.warn(
          "train: rank {} has waited {} s for {}",
          waiting.rank(),
          waiting.seconds(),
          waiting.what());
    }
  }

  /**
   * One run of the barrier stage.
   *
   * @param task given where its ranks report to
   * @return why it failed; empty if it trained to the last step
   * @throws DamagedDataException and others, if another attempt would fail in the same way
   */
  Optional<Verdict> run(int number, Function<DriverConnection.Address, RankTask> task)
      throws IOException, InterruptedException {
    attempt = new AttemptReports(number);
    DriverConnection.Address address =
        new DriverConnection.Address(
            spark.getConf().get("spark.driver.host"),
            reports.port(),
            number,
            reports.startAttempt(number).toHex());
    int numRanks = config.cluster().executors();
    Verdict verdict;
    Map<Integer, String> executors;
    AttemptWatch watch =
        new AttemptWatch(spark, jobGroup, numRanks, config.cluster().executorTimeout(), attempt);
    try {
      spark.setJobGroup(jobGroup, "TokenFLEX training", true);
      BarrierStage.run(spark, numRanks, Integer.class, task.apply(address));
      return Optional.empty();
    } catch (Exception e) { // Scala throws what it does not declare
      executors = reports.executors();
      reports.drain(DRAIN_TIMEOUT);
      verdict = attempt.verdict(e);
      throwIfFinal(verdict, e);
      log.debug("Spark says of attempt {}", number, e);
    } finally {
      watch.close();
    }
    Map<Integer, String> stuck = stuckExecutors(verdict, executors, reports.openRanks());
    new ExecutorReplacement(spark, numRanks).replace(stuck);
    return Optional.of(new Verdict(verdict.kind(), verdict.message() + hint(verdict)));
  }

  /**
   * Executors of the ranks that wait for storage, or of those that have not ended although late.
   */
  private Map<Integer, String> stuckExecutors(
      Verdict verdict, Map<Integer, String> before, Map<Integer, String> stillOpen) {
    Map<Integer, String> stuck = new TreeMap<>(before);
    stuck.keySet().retainAll(attempt.waitingRanks());
    if (stuck.isEmpty() && verdict.kind() == FailureKind.PEER_LATE) {
      stuck.putAll(stillOpen);
    }
    return stuck;
  }

  private void throwIfFinal(Verdict verdict, Exception sparks) throws IOException {
    String message = verdict.message();
    switch (verdict.kind()) {
      case DATA -> throw new DamagedDataException(message, sparks);
      case CONFIG -> throw new InvalidInputException(message, sparks);
      case GPU_MEMORY ->
          throw new InvalidInputException(
              message + ". Lower train.microBatchSize, or set train.activations = recompute",
              sparks);
      case CONFLICT -> throw new RunBusyException(message);
      case BUILD -> throw new LinkageError(message, sparks);
      case DIVERGED -> throw new DivergedException(message);
      case GPU, MEMORY, FILE, ENVIRONMENT, UNEXPECTED, PEER_LATE, PEER_LOST, INTERRUPTED -> {}
    }
  }

  private String hint(Verdict verdict) {
    String heap =
        HeapEstimate.ranksAreInDriver(spark)
            ? "cluster.driverMemory, now " + config.cluster().driverMemory()
            : "cluster.executorMemory, now " + config.cluster().executorMemory();
    return verdict.kind() == FailureKind.MEMORY
        ? ". Raise "
            + heap
            + ", or lower train.windowRowGroups, train.prefetchSteps or train.lanes per executor"
        : "";
  }

  @Override
  public void close() throws IOException {
    reports.close();
  }
}
