package io.tokenflex.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.failure.FailureKind;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RankWatchTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofMinutes(10);

  private final BlockingQueue<TrainingEvent> heard = new LinkedBlockingQueue<>();
  private final CountDownLatch forever = new CountDownLatch(1);

  private boolean isInterrupted() {
    try {
      return forever.await(30, TimeUnit.SECONDS); // false: nobody interrupted
    } catch (InterruptedException e) {
      return true;
    }
  }

  private TrainingEvent poll() {
    try {
      return heard.poll(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aLongWaitIsToldAndAtTheDeadlineTheRankIsInterruptedAndItsPeersLeft() throws Exception {
    AtomicBoolean isClosed = new AtomicBoolean();
    try (RankWatch watch = new RankWatch(() -> false, heard::add, SHORT, SHORT.multipliedBy(6))) {
      watch.onEnd(() -> isClosed.set(true));
      watch.start();
      assertThat(watch.await("shard x", this::isInterrupted)).isTrue();
    }
    assertThat(isClosed).isTrue();
    TrainingEvent first = heard.take();
    assertThat(first)
        .isInstanceOfSatisfying(
            TrainingEvent.Waiting.class,
            waiting -> {
              assertThat(waiting.what()).isEqualTo("shard x");
              assertThat(waiting.isOver()).isFalse();
            });
    assertThat(heard)
        .filteredOn(report -> report instanceof TrainingEvent.Failed)
        .singleElement()
        .satisfies(
            report -> {
              TrainingEvent.Failed failed = (TrainingEvent.Failed) report;
              assertThat(failed.kind()).isEqualTo(FailureKind.ENVIRONMENT);
              assertThat(failed.message()).contains("for shard x", "cluster.storageTimeout");
            });
  }

  @Test
  void aShortWaitIsNotWorthAWord() throws IOException {
    try (RankWatch watch = new RankWatch(() -> false, heard::add, LONG, LONG)) {
      watch.start();
      for (int i = 0; i < 1000; i++) {
        assertThat(watch.await("a read", () -> 1)).isEqualTo(1);
      }
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void theEndOfALongWaitIsTold() throws Exception {
    try (RankWatch watch = new RankWatch(() -> false, heard::add, SHORT, LONG)) {
      watch.start();
      TrainingEvent told = watch.await("a read", this::poll);
      assertThat(told).isInstanceOf(TrainingEvent.Waiting.class);
    }
    assertThat(heard)
        .last()
        .isInstanceOfSatisfying(
            TrainingEvent.Waiting.class, waiting -> assertThat(waiting.isOver()).isTrue());
  }

  @Test
  void aRankThatSparkKilledIsWokenAmongItsPeers() {
    AtomicBoolean isKilled = new AtomicBoolean();
    CountDownLatch closed = new CountDownLatch(1);
    try (RankWatch watch = new RankWatch(isKilled::get, heard::add, SHORT, LONG)) {
      watch.onEnd(closed::countDown);
      watch.start();
      isKilled.set(true);
      assertThat(isInterrupted()).isTrue();
    }
    assertThat(closed.getCount()).isZero();
    assertThat(heard).isEmpty();
  }
}
