package io.tokenflex.jobs.events;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of one sink. A sink that fails is named once, not at every step, and once more when it
 * works again.
 */
final class SinkThread {
  /** More steps than this do not wait for a sink that hangs; memory is bounded. */
  static final int MAX_WAITING_STEPS = 10_000;

  private static final Logger log = LoggerFactory.getLogger(SinkThread.class);

  private final EventSink sink;
  private final Duration flushInterval;
  private final BlockingQueue<Optional<RankMessage>> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private boolean isFull;
  private boolean isFailing;
  private boolean hasFailedSinceFlush;

  private interface Act {
    void run() throws IOException;
  }

  SinkThread(EventSink sink, Duration flushInterval) {
    this.sink = sink;
    this.flushInterval = flushInterval;
    this.thread = new Thread(this::serve, "event-sink");
    thread.setDaemon(true);
    thread.start();
  }

  synchronized void accept(RankMessage message) {
    boolean wasFull = isFull;
    isFull = queue.size() >= MAX_WAITING_STEPS;
    if (isFull && !wasFull) {
      log.warn("train: {} takes events too slowly; some steps are left out", sink.name());
    }
    if (!isFull || !(message.event() instanceof TrainingEvent.StepDone)) {
      queue.add(Optional.of(message));
    }
  }

  /** No event comes after this. */
  void end() {
    queue.add(Optional.empty());
  }

  /**
   * Waits until what was accepted is written.
   *
   * @param deadline as {@link System#nanoTime} counts
   */
  void join(long deadline) {
    try {
      TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      log.warn("train: {} does not end; what is not written there is lost", sink.name());
    }
  }

  private void serve() {
    try {
      long lastFlush = System.nanoTime();
      boolean isEnd = false;
      while (!isEnd) {
        long wait = flushInterval.toNanos() - (System.nanoTime() - lastFlush);
        Optional<RankMessage> next = queue.poll(Math.max(0, wait), TimeUnit.NANOSECONDS);
        boolean isDue = System.nanoTime() - lastFlush >= flushInterval.toNanos();
        if (next != null && next.isPresent()) {
          RankMessage message = next.get();
          attempt(() -> sink.accept(message));
          isDue |= message.event() instanceof TrainingEvent.CheckpointPublished;
        } else if (next != null) {
          isEnd = true;
        }
        if (isDue || isEnd) {
          flush();
          lastFlush = System.nanoTime();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void flush() {
    attempt(sink::flush);
    if (isFailing && !hasFailedSinceFlush) {
      isFailing = false;
      log.info("train: {} is written again", sink.name());
    }
    hasFailedSinceFlush = false;
  }

  private void attempt(Act act) {
    try {
      act.run();
    } catch (IOException | RuntimeException | Error e) { // a full disk may be an Error
      if (!isFailing) {
        log.warn("train: cannot write {} ({}); training goes on", sink.name(), e.toString());
      }
      isFailing = true;
      hasFailedSinceFlush = true;
    }
  }
}
