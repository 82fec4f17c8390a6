package io.tokenflex.jobs.train;

import io.tokenflex.checkpoint.RunBusyException;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.events.DriverConnection;
import io.tokenflex.jobs.events.RankLines;
import io.tokenflex.jobs.events.RankMessage;
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

  /** How long the last words of an attempt's ranks are waited for. */
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(5);

  private final JavaSparkContext spark;
  private final String jobGroup;
  private final RunConfig config;
  private final RankLines ranks;
  private volatile AttemptReports attempt = new AttemptReports(0);

  /**
   * Listens to ranks.
   *
   * @param events hears everything that ranks tell
   */
  TrainAttempts(
      JavaSparkContext spark, String jobGroup, RunConfig config, Consumer<RankMessage> events)
      throws IOException {
    this.spark = spark;
    this.jobGroup = jobGroup;
    this.config = config;
    String host = spark.getConf().get("spark.driver.host");
    this.ranks =
        new RankLines(
            spark.getConf().get("spark.driver.bindAddress", host),
            HELLO_TIMEOUT,
            message -> hear(message, events));
  }

  private void hear(RankMessage message, Consumer<RankMessage> events) {
    attempt.accept(message);
    events.accept(message);
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
            ranks.port(),
            number,
            ranks.startAttempt(number).toHex());
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
      executors = ranks.executors();
      ranks.drain(DRAIN_TIMEOUT);
      verdict = attempt.verdict(e);
      throwIfFinal(verdict, e);
      log.debug("Spark says of attempt {}", number, e);
    } finally {
      watch.close();
    }
    Map<Integer, String> stuck = stuckExecutors(verdict, executors, ranks.openRanks());
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

  /** Hears what is still on its way, such as the last steps, and listens no longer. */
  @Override
  public void close() throws IOException {
    try {
      ranks.drain(DRAIN_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ranks.close();
    }
  }
}
