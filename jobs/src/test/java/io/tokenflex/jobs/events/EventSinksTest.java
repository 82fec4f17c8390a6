package io.tokenflex.jobs.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.failure.FullDisk;
import io.tokenflex.jobs.testing.LogLines;
import io.tokenflex.train.StepMetrics;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventSinksTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration LONG = Duration.ofSeconds(50);
  private static final Duration SHORT = Duration.ofMillis(20);

  private static RankMessage step(int step) {
    StepMetrics metrics = new StepMetrics(step, 0, 64, 1.0, 0, 0, 1, 1, 0, 1, 0, Instant.EPOCH);
    return new RankMessage(1, 0, new TrainingEvent.StepDone(metrics));
  }

  private static RankMessage checkpoint(int step) {
    return new RankMessage(1, 0, new TrainingEvent.CheckpointPublished(step, "step-" + step));
  }

  /** Remembers what it got, and what of it was flushed. */
  private static class Memory implements EventSink {
    final List<RankMessage> waiting = new ArrayList<>();
    final List<RankMessage> written = new CopyOnWriteArrayList<>();
    private final CountDownLatch flushed = new CountDownLatch(1);

    @Override
    public String name() {
      return "memory";
    }

    @Override
    public void accept(RankMessage message) throws IOException {
      waiting.add(message);
    }

    @Override
    public void flush() throws IOException {
      written.addAll(waiting);
      waiting.clear();
      if (!written.isEmpty()) {
        flushed.countDown();
      }
    }

    void awaitFlush() throws InterruptedException {
      flushed.await();
    }
  }

  @Test
  void everySinkGetsEveryEventInOrderAndHasWrittenItAtTheEnd() {
    Memory first = new Memory();
    Memory second = new Memory();
    List<RankMessage> all = IntStream.rangeClosed(1, 1000).mapToObj(EventSinksTest::step).toList();
    try (EventSinks sinks = new EventSinks(List.of(first, second), NEVER, LONG)) {
      all.forEach(sinks::accept);
    }
    assertThat(first.written).isEqualTo(all);
    assertThat(second.written).isEqualTo(all);
  }

  @Test
  void aCheckpointIsWrittenAtOnceWithTheStepsBeforeIt() throws InterruptedException {
    Memory memory = new Memory();
    try (EventSinks sinks = new EventSinks(List.of(memory), NEVER, LONG)) {
      sinks.accept(step(1));
      sinks.accept(checkpoint(1));
      memory.awaitFlush();
      assertThat(memory.written).containsExactly(step(1), checkpoint(1));
    }
  }

  @Test
  void whatWaitsIsWrittenAfterTheIntervalWithoutAnotherEvent() throws InterruptedException {
    Memory memory = new Memory();
    EventSinks sinks = new EventSinks(List.of(memory), SHORT, LONG);
    sinks.accept(step(1));
    memory.awaitFlush();
    assertThat(memory.written).containsExactly(step(1));
    sinks.close();
  }

  @Test
  void aSinkThatFailsIsNamedOnceAndOnceMoreWhenItWorksAgain() {
    Memory healthy = new Memory();
    Memory broken =
        new Memory() {
          @Override
          public String name() {
            return "the broken sink";
          }

          @Override
          public void accept(RankMessage message) throws IOException {
            super.accept(message);
            if (message.event() instanceof TrainingEvent.StepDone) {
              throw new IOException("out of order");
            }
          }

          @Override
          public void flush() throws IOException {
            if (written.isEmpty() && waiting.size() < 100) {
              throw FullDisk.error();
            }
            super.flush();
          }
        };
    List<String> said;
    try (LogLines lines = LogLines.capture()) {
      try (EventSinks sinks = new EventSinks(List.of(broken, healthy), NEVER, LONG)) {
        for (int step = 1; step <= 50; step++) {
          sinks.accept(step(step));
          sinks.accept(checkpoint(step)); // flushes
        }
        sinks.accept(checkpoint(51));
      }
      said = lines.containing("the broken sink");
    }
    assertThat(said).hasSize(2);
    assertThat(said.get(0)).contains("cannot write").contains("out of order");
    assertThat(said.get(1)).contains("is written again");
    assertThat(healthy.written).hasSize(101);
    assertThat(broken.written).as("nothing is lost").hasSize(101);
  }

  @Test
  void aSinkThatHangsHoldsUpNobodyAndTheMemoryOfItsStepsIsBounded() throws InterruptedException {
    CountDownLatch forever = new CountDownLatch(1);
    CountDownLatch hangs = new CountDownLatch(1);
    List<RankMessage> taken = Collections.synchronizedList(new ArrayList<>());
    EventSink hung =
        new Memory() {
          @Override
          public String name() {
            return "the hung sink";
          }

          @Override
          public void accept(RankMessage message) {
            taken.add(message);
            hangs.countDown();
            try {
              forever.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    Memory healthy = new Memory();
    try (LogLines lines = LogLines.capture()) {
      EventSinks sinks = new EventSinks(List.of(hung, healthy), NEVER, SHORT);
      sinks.accept(checkpoint(1));
      hangs.await();
      healthy.awaitFlush();
      assertThat(healthy.written).containsExactly(checkpoint(1));

      for (int step = 1; step <= 3 * SinkThread.MAX_WAITING_STEPS; step++) {
        sinks.accept(step(step));
      }
      sinks.close();
      assertThat(lines.containing("the hung sink takes events too slowly")).hasSize(1);
      assertThat(lines.containing("the hung sink does not end")).hasSize(1);
    }
    assertThat(taken).as("still in its first call").containsExactly(checkpoint(1));
    forever.countDown(); // now it takes what waited
    while (taken.size() <= SinkThread.MAX_WAITING_STEPS) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    assertThat(taken).endsWith(step(SinkThread.MAX_WAITING_STEPS));
  }
}
