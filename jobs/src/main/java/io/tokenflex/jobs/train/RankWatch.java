package io.tokenflex.jobs.train;

import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.failure.FailureKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Watches one rank from a thread of its own.
 *
 * <p>It wakes a rank that Spark has marked as killed but that is blocked in a socket. And it sees
 * to it that no wait goes on unheard: it tells the driver what has been awaited for long, and at
 * the deadline it reports a failure, closes the connections to the peers and interrupts the rank.
 * If the rank is deaf to that, the driver ends the attempt, and Spark's task reaper the process.
 */
final class RankWatch implements AutoCloseable {
  private final BooleanSupplier isKilled;
  private final Consumer<TrainingEvent> driver;
  private final Duration firstWord;
  private final Duration deadline;
  private final Thread rankThread = Thread.currentThread();
  private final List<Wait> waits = new ArrayList<>();
  private final List<Runnable> closers = new ArrayList<>();
  private final Thread thread;

  /** What may never answer. */
  @FunctionalInterface
  interface Call<T> {
    T run() throws IOException;
  }

  /** Something that is awaited until {@link #end}. */
  final class Wait {
    private final String what;
    private final Duration limit;
    private final String setting;
    private final long start = System.nanoTime();
    private Duration nextWord = firstWord;
    private boolean isReported;

    private Wait(String what, Duration limit, String setting) {
      this.what = what;
      this.limit = limit;
      this.setting = setting;
    }

    private Duration age() {
      return Duration.ofNanos(System.nanoTime() - start);
    }

    private TrainingEvent.Waiting event(boolean isOver) {
      return new TrainingEvent.Waiting(what, age().toSeconds(), isOver);
    }

    private boolean isLate() {
      return age().compareTo(limit) >= 0;
    }

    private String lateness() {
      return String.format(
          Locale.ROOT,
          "waited %d s for %s, longer than %s = %d s",
          age().toSeconds(),
          what,
          setting,
          limit.toSeconds());
    }

    /** It came, or never will. Calling it again does nothing. */
    void end() {
      boolean wasThere;
      boolean wasReported;
      synchronized (waits) {
        wasThere = waits.remove(this);
        wasReported = isReported;
      }
      if (wasThere && wasReported) {
        driver.accept(event(/* isOver= */ true));
      }
    }
  }

  /**
   * Watches the rank whose thread calls; starts at {@link #start}.
   *
   * @param isKilled whether Spark wants the rank to end
   * @param driver takes events from any thread
   * @param firstWord after which time a wait is told for the first time
   * @param deadline of each wait that has none of its own, {@code cluster.storageTimeout}
   */
  RankWatch(
      BooleanSupplier isKilled,
      Consumer<TrainingEvent> driver,
      Duration firstWord,
      Duration deadline) {
    this.isKilled = isKilled;
    this.driver = driver;
    this.firstWord = firstWord;
    this.deadline = deadline;
    this.thread = new Thread(this::watch, "rank-watch");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /**
   * Runs a call that is watched until it returns.
   *
   * @param what is awaited
   */
  <T> T await(String what, Call<T> call) throws IOException {
    return await(what, deadline, "cluster.storageTimeout", call);
  }

  /**
   * Runs a call that is watched until it returns and has a deadline of its own.
   *
   * @param what is awaited
   * @param setting under which a user finds the limit
   */
  <T> T await(String what, Duration limit, String setting, Call<T> call) throws IOException {
    Wait wait = begin(what, limit, setting);
    try {
      return call.run();
    } finally {
      wait.end();
    }
  }

  /** Begins such a wait; the caller ends it. */
  Wait begin(String what, Duration limit, String setting) {
    Wait wait = new Wait(what, limit, setting);
    synchronized (waits) {
      waits.add(wait);
    }
    return wait;
  }

  /** What wakes the rank when it is blocked among its peers. */
  void onEnd(Runnable closer) {
    synchronized (waits) {
      closers.add(closer);
    }
  }

  private void watch() {
    try {
      while (!isKilled.getAsBoolean() && !isLate()) {
        Thread.sleep(Math.max(1, Math.min(100, firstWord.toMillis() / 4)));
      }
      List<Runnable> all;
      synchronized (waits) {
        all = List.copyOf(closers);
      }
      all.forEach(Runnable::run);
      rankThread.interrupt();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the rank is done
    }
  }

  private boolean isLate() {
    Wait late = null;
    List<TrainingEvent> events = new ArrayList<>();
    synchronized (waits) {
      for (Wait wait : waits) {
        if (wait.age().compareTo(wait.nextWord) >= 0) {
          wait.nextWord = wait.nextWord.multipliedBy(2);
          wait.isReported = true;
          events.add(wait.event(/* isOver= */ false));
        }
        if (late == null && wait.isLate()) {
          late = wait;
        }
      }
    }
    if (late != null) {
      events.add(
          new TrainingEvent.Failed(
              System.currentTimeMillis(), FailureKind.ENVIRONMENT, late.lateness()));
    }
    events.forEach(driver);
    return late != null;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
