package io.tokenflex.jobs.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.failure.FailureKind;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExecutorHaltTest {
  private final AtomicInteger halts = new AtomicInteger();

  @ParameterizedTest
  @EnumSource
  void onlyAFailedGpuEndsTheExecutor(FailureKind kind) {
    new ExecutorHalt("3", halts::incrementAndGet).ifGpuFailed(kind);
    assertThat(halts).hasValue(kind == FailureKind.GPU ? 1 : 0);
  }

  /** Its tasks are threads of the driver, which has the answer to give. */
  @Test
  void theDriverNeverEndsItself() {
    new ExecutorHalt("driver", halts::incrementAndGet).ifGpuFailed(FailureKind.GPU);
    assertThat(halts).hasValue(0);
  }

  @Test
  void sparkHasTimeToTellTheDriverFirst() throws InterruptedException {
    CountDownLatch halted = new CountDownLatch(1);
    long start = System.nanoTime();
    new ExecutorHalt("3", halted::countDown).ifGpuFailed(FailureKind.GPU, Duration.ofMillis(200));
    assertThat(halted.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofMillis(200));
  }
}
