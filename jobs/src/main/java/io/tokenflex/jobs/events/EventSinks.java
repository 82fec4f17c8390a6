package io.tokenflex.jobs.events;

import java.time.Duration;
import java.util.List;

/**
 * Hands every event to every sink, in order, each on a thread of its own: whoever tells an event
 * never waits for a sink, and a sink that fails or hangs stops neither the others nor the training.
 */
public final class EventSinks implements AutoCloseable {
  private static final Duration FLUSH_INTERVAL = Duration.ofSeconds(5);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

  private final List<SinkThread> threads;
  private final Duration closeTimeout;

  /** Starts the threads. */
  public EventSinks(List<EventSink> sinks) {
    this(sinks, FLUSH_INTERVAL, CLOSE_TIMEOUT);
  }

  /**
   * @param flushInterval between two calls of {@link EventSink#flush}
   * @param closeTimeout how long {@link #close} waits for sinks that hang
   */
  EventSinks(List<EventSink> sinks, Duration flushInterval, Duration closeTimeout) {
    this.threads = sinks.stream().map(sink -> new SinkThread(sink, flushInterval)).toList();
    this.closeTimeout = closeTimeout;
  }

  /** Takes an event; never waits and never fails. */
  public void accept(RankMessage message) {
    threads.forEach(thread -> thread.accept(message));
  }

  /** Waits until every sink has written what it was given, unless one hangs; never fails. */
  @Override
  public void close() {
    threads.forEach(SinkThread::end);
    long deadline = System.nanoTime() + closeTimeout.toNanos();
    threads.forEach(thread -> thread.join(deadline));
  }
}
