package io.tokenflex.jobs.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.jobs.failure.FullDisk;
import io.tokenflex.jobs.run.Machine;
import io.tokenflex.train.StepMetrics;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What ranks tell their driver, over the attempts of a run. */
class RankLinesTest extends RankLinesFixture {
  private static StepMetrics metrics(long step, double loss) {
    return new StepMetrics(
        step,
        0.1,
        64,
        loss,
        1e-3,
        1 / 3.0,
        640,
        32,
        2,
        0.25,
        0.125,
        Instant.ofEpochSecond(step, 7));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void everyMessageOfEveryRankIsHeardBeforeTheEndOfItsAttempt() throws Exception {
    for (int attempt = 1; attempt <= 50; attempt++) {
      DriverConnection.Address driver = start(attempt);
      for (int rank = 0; rank < 4; rank++) {
        DriverConnection line = connect(driver, rank);
        assertThat(lines.openRanks()).containsEntry(rank, "executor_" + rank);
        line.send(failure(rank));
        line.close();
      }
      lines.drain(DEADLINE);
      assertThat(heard)
          .as("attempt %d", attempt)
          .containsExactlyInAnyOrder(
              failure(attempt, 0), failure(attempt, 1), failure(attempt, 2), failure(attempt, 3));
      assertThat(lines.openRanks()).isEmpty();
      heard.clear();
    }
  }

  @Test
  void aDyingAttemptsWordsDoNotReachTheNextOne() throws Exception {
    DriverConnection dying = connect(start(1), 0);
    DriverConnection.Address second = start(2);
    dying.send(failure(0));
    DriverConnection next = connect(second, 1);
    next.send(failure(1));
    assertThat(next()).isEqualTo(failure(2, 1));
    assertThat(heard).isEmpty();
    assertThat(lines.openRanks()).isEqualTo(Map.of(1, "executor_1"));
  }

  @Test
  void aRankOfAnEarlierAttemptIsAStranger() throws Exception {
    DriverConnection.Address first = start(1);
    DriverConnection.Address second = start(2);
    connect(first, 0).send(failure(0));
    connect(new DriverConnection.Address(HOST, lines.port(), 2, first.secret()), 0)
        .send(failure(0));
    connect(second, 1).send(failure(1));
    assertThat(next()).isEqualTo(failure(2, 1));
    assertThat(heard).isEmpty();
  }

  @Test
  void whatHasArrivedOfAnEarlierAttemptIsNotHandledInTheNext() throws Exception {
    CountDownLatch isBusy = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (RankLines slow =
        new RankLines(
            HOST,
            PATIENCE,
            message -> {
              heard.add(message);
              isBusy.countDown();
              await(goOn);
            })) {
      DriverConnection dying =
          connect(
              new DriverConnection.Address(HOST, slow.port(), 1, slow.startAttempt(1).toHex()), 0);
      dying.send(failure(0));
      dying.send(new TrainingEvent.StepDone(metrics(1, 2)));
      dying.send(failure(0));
      dying.close();
      isBusy.await();
      while (!slow.openRanks().isEmpty()) { // until all of it has been read
        TimeUnit.MILLISECONDS.sleep(1);
      }
      DriverConnection next =
          connect(
              new DriverConnection.Address(HOST, slow.port(), 2, slow.startAttempt(2).toHex()), 1);
      next.send(failure(1));
      goOn.countDown();
      assertThat(next()).isEqualTo(failure(1, 0));
      assertThat(next()).isEqualTo(failure(2, 1));
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void everyKindOfEventArrivesAsItWasTold() throws Exception {
    List<TrainingEvent> events =
        List.of(
            new TrainingEvent.Joined(new Machine("Xeon \"x\"", 4, 1L << 40, true)),
            new TrainingEvent.Started(10, 1L << 40, "BF16", "as set\nin the conf"),
            new TrainingEvent.SettingsChanged(List.of("a: 1, was 2", "\u0000 \u00e9 \ud83d\ude00")),
            new TrainingEvent.SettingsChanged(List.of()),
            new TrainingEvent.StepDone(metrics(3, 0.1)),
            new TrainingEvent.StepDone(metrics(4, Double.NaN)),
            new TrainingEvent.StepDone(metrics(5, Double.NEGATIVE_INFINITY)),
            new TrainingEvent.SampleSkipped(3, "s-1", "Sample s-1 has 900 tokens"),
            new TrainingEvent.CheckpointPublished(5, "hdfs://host/run/checkpoints/step-5"),
            new TrainingEvent.Waiting("shard x", 12, true),
            new TrainingEvent.Failed(17, FailureKind.MEMORY, "OutOfMemoryError"));
    assertThat(events.stream().<Class<?>>map(Object::getClass).distinct())
        .containsExactlyInAnyOrder(TrainingEvent.class.getPermittedSubclasses());
    DriverConnection rank = connect(start(4), 2);
    events.forEach(rank::send);
    for (TrainingEvent event : events) {
      assertThat(next()).isEqualTo(new RankMessage(4, 2, event));
    }
  }

  @Test
  void aListenerThatThrowsDoesNotMakeTheDriverDeaf() throws Exception {
    BlockingQueue<RankMessage> later = new LinkedBlockingQueue<>();
    try (RankLines fragile =
        new RankLines(
            HOST,
            PATIENCE,
            message -> {
              if (message.event() instanceof TrainingEvent.StepDone) {
                throw FullDisk.error();
              }
              later.add(message);
            })) {
      String secret = fragile.startAttempt(1).toHex();
      DriverConnection line =
          connect(new DriverConnection.Address(HOST, fragile.port(), 1, secret), 0);
      line.send(new TrainingEvent.StepDone(metrics(1, 2)));
      line.send(failure(0));
      assertThat(later.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(failure(1, 0));
    }
  }
}
