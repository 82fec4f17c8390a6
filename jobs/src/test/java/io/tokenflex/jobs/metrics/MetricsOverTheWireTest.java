package io.tokenflex.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.distributed.Precision;
import io.tokenflex.jobs.events.DriverConnection;
import io.tokenflex.jobs.events.EventSinks;
import io.tokenflex.jobs.events.RankLines;
import io.tokenflex.jobs.events.ReportingListener;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.train.StepMetrics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a rank's training loop to the file in the run folder, without Spark. */
class MetricsOverTheWireTest {
  private static final String HOST = "127.0.0.1";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path root;

  /** An attempt trains; the loss of its steps is its number. */
  private static void train(RankLines lines, int attempt, long stepsDone, long last)
      throws InterruptedException {
    DriverConnection.Address driver =
        new DriverConnection.Address(
            HOST, lines.port(), attempt, lines.startAttempt(attempt).toHex());
    try (DriverConnection rank = new DriverConnection(driver, 0, "0")) {
      ReportingListener listener =
          new ReportingListener(rank::send, 0, new Precision.Choice(ComputeType.FP32, "as set"));
      listener.started(stepsDone, 30);
      for (long step = stepsDone + 1; step <= last; step++) {
        listener.stepDone(
            new StepMetrics(step, 0, 64, attempt, 0, 0, 1, 1, 0, 1, 0, Instant.EPOCH));
      }
    }
    lines.drain(PATIENCE);
  }

  @Test
  void theStepsOfTwoAttemptsEndInOneFileEachOnce() throws Exception {
    RunFolder run = RunFolder.of(root.resolve("run").toString(), new Configuration());
    try (EventSinks sinks = new EventSinks(List.of(new MetricsLog(run)));
        RankLines lines = new RankLines(HOST, PATIENCE, sinks::accept)) {
      train(lines, 1, 0, 20);
      train(lines, 2, 10, 30); // from the checkpoint of step 10
    }
    List<StepMetrics> steps = MetricsHistory.read(run, 1000);
    assertThat(steps)
        .extracting(StepMetrics::step)
        .isEqualTo(LongStream.rangeClosed(1, 30).boxed().toList());
    assertThat(steps)
        .allSatisfy(step -> assertThat(step.loss()).isEqualTo(step.step() <= 10 ? 1 : 2));
    assertThat(Files.readAllLines(root.resolve("run").resolve(MetricsFile.NAME))).hasSize(30);
  }

  @Test
  void aRunFolderThatCannotBeWrittenCostsTheMetricsAlone() throws Exception {
    Files.writeString(root.resolve("run"), "a file where the folder should be");
    RunFolder run = RunFolder.of(root.resolve("run").toString(), new Configuration());
    try (EventSinks sinks = new EventSinks(List.of(new MetricsLog(run)));
        RankLines lines = new RankLines(HOST, PATIENCE, sinks::accept)) {
      train(lines, 1, 0, 20);
    }
    assertThat(root.resolve("run")).hasContent("a file where the folder should be");
  }
}
