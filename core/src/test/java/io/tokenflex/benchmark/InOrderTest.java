package io.tokenflex.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InOrderTest {
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  @Test
  void threeCallsRunAtATimeAndResultsKeepTheirOrder() {
    CountDownLatch three = new CountDownLatch(3);
    List<Integer> numbers = IntStream.range(0, 40).boxed().toList();

    List<Integer> squares =
        InOrder.map(
            numbers,
            3,
            number -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              three.countDown();
              awaited(three);
              running.decrementAndGet();
              return number * number;
            });

    assertThat(squares).isEqualTo(numbers.stream().map(number -> number * number).toList());
    assertThat(most).hasValue(3);
  }

  @Test
  void theFirstFailureInOrderIsThrown() {
    assertThatThrownBy(
            () ->
                InOrder.map(
                    List.of(1, 2, 3, 4),
                    2,
                    number -> {
                      if (number > 1) {
                        throw new InvalidInputException("no " + number);
                      }
                      return number;
                    }))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("no 2");
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).as("three calls at once").isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
