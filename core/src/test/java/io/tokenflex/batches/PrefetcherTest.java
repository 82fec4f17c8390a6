package io.tokenflex.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.batches.MicroBatches.StepBatches;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PrefetcherTest {
  private final CountDownLatch ended = new CountDownLatch(1);

  private static StepBatches step(long number) {
    return new StepBatches(number, 0, VisionTokenCount.of(4), List.of(), List.of());
  }

  private void assertEnded() throws InterruptedException {
    assertThat(ended.await(30, TimeUnit.SECONDS)).as("what the source needs is released").isTrue();
  }

  @Test
  void batchesComeInOrderAndThenTheSourceIsReleased() throws Exception {
    AtomicLong read = new AtomicLong();
    try (Prefetcher prefetcher =
        new Prefetcher(() -> step(read.getAndIncrement()), 3, 1, ended::countDown)) {
      for (long number = 0; number < 3; number++) {
        assertThat(prefetcher.next().step()).isEqualTo(number);
      }
    }
    assertEnded();
  }

  @Test
  void aFailureReachesTheCallerAndTheSourceIsReleased() throws Exception {
    try (Prefetcher prefetcher =
        new Prefetcher(
            () -> {
              throw new IOException("shard x");
            },
            3,
            1,
            ended::countDown)) {
      assertThatThrownBy(prefetcher::next).isInstanceOf(IOException.class).hasMessage("shard x");
    }
    assertEnded();
  }

  @Test
  void closingBeforeTheEndReleasesTheSource() throws Exception {
    new Prefetcher(() -> step(0), 1000, 1, ended::countDown).close();
    assertEnded();
  }

  @Test
  void closingDoesNotWaitForAReadThatHangsAndReleasesTheSourceWhenItEnds() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    CountDownLatch reading = new CountDownLatch(1);
    Prefetcher prefetcher =
        new Prefetcher(
            () -> {
              reading.countDown();
              awaitDeafly(answer);
              return step(0);
            },
            1,
            1,
            ended::countDown,
            Duration.ofMillis(100));
    assertThat(reading.await(30, TimeUnit.SECONDS)).isTrue();
    prefetcher.close();
    assertThat(ended.getCount()).as("still used by the read").isEqualTo(1);
    answer.countDown();
    assertEnded();
  }

  /** As a read of a hung mount: interrupts do not end it. */
  private static void awaitDeafly(CountDownLatch answer) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (answer.getCount() > 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }
}
