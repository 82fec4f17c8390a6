package io.tokenflex.distributed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Work that every rank does by itself and that may take much longer than a collective: reading or
 * writing a checkpoint.
 *
 * <p>While a rank works, a thread of its own tells the others every second that it is alive, by
 * collectives of a byte. So the deadline of a collective finds a dead rank as always, and the work
 * has another one. All ranks return together, or all fail: each learns of a failure of any other.
 */
public final class SharedWork {
  private static final long MAX_PAUSE_MILLIS = 1000;

  /** What the first byte of a report says. */
  private static final byte WORKING = 'w';

  private static final byte DONE = 'd';
  private static final byte FAILED = 'f';

  private final ProcessGroup group;
  private final Duration limit;
  private final String setting;
  private volatile Heartbeat current;

  /** What a rank does; returns a small message for all. */
  @FunctionalInterface
  public interface Work {
    byte[] run() throws IOException;
  }

  /**
   * Work between the ranks of a group.
   *
   * @param limit how long it may take
   * @param setting under which a user finds the limit
   */
  public SharedWork(ProcessGroup group, Duration limit, String setting) {
    this.group = group;
    this.limit = limit;
    this.setting = setting;
  }

  /**
   * Does this rank's part and waits for the others; a collective call, during which nothing else
   * may use the group.
   *
   * @param what for messages: "writing checkpoint x"
   * @return every rank's message, by rank
   * @throws IOException of this rank's own part
   * @throws CollectiveException if another rank failed, died or took too long
   */
  public List<byte[]> run(String what, Work work) throws IOException {
    if (group.worldSize() == 1) {
      return List.of(work.run());
    }
    Heartbeat heartbeat = new Heartbeat(what);
    current = heartbeat;
    Thread thread = new Thread(heartbeat, "shared-work");
    thread.setDaemon(true);
    thread.start();
    try {
      heartbeat.end(DONE, work.run());
    } catch (IOException | RuntimeException | Error e) {
      heartbeat.end(FAILED, String.valueOf(e.getMessage()).getBytes(UTF_8));
      join(thread);
      throw e;
    }
    join(thread);
    return heartbeat.results();
  }

  /**
   * For work that waits for what others do: ends it when they will not.
   *
   * @throws CollectiveException if a rank is known to have failed, died or taken too long
   */
  public void checkPeers() {
    Heartbeat heartbeat = current;
    if (heartbeat != null) {
      heartbeat.check();
    }
  }

  private void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      group.close(); // wakes the thread; the group is of no use without this rank
      Thread.currentThread().interrupt();
    }
  }

  private final class Heartbeat implements Runnable {
    private final String what;
    private final long start = System.nanoTime();
    private byte state = WORKING;
    private byte[] message = {};
    private List<byte[]> results;
    private CollectiveException failure;

    Heartbeat(String what) {
      this.what = what;
    }

    synchronized void end(byte how, byte[] with) {
      state = how;
      message = with;
      notifyAll();
    }

    synchronized void check() {
      if (failure != null) {
        throw failure;
      }
    }

    /** What all ranks ended with, or why they did not. */
    synchronized List<byte[]> results() {
      if (failure != null) {
        throw failure;
      }
      if (results == null) {
        throw new CollectiveException(
            String.format(
                Locale.ROOT,
                "Rank %d was interrupted while %s; restart all ranks from the last checkpoint",
                group.rank(),
                what),
            null);
      }
      return results;
    }

    @Override
    public void run() {
      try {
        List<byte[]> everyones;
        do {
          pause();
          everyones = group.allGather(mine());
        } while (!isOver(everyones));
      } catch (RuntimeException e) {
        synchronized (this) {
          failure =
              new CollectiveException(
                  String.format(Locale.ROOT, "While %s: %s", what, e.getMessage()), e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // nobody does that to this thread
      }
    }

    /** Short work is answered at once, long work is asked for once a second. */
    private synchronized void pause() throws InterruptedException {
      long elapsed = (System.nanoTime() - start) / 1_000_000;
      long end = elapsed + Math.max(1, Math.min(MAX_PAUSE_MILLIS, elapsed / 4));
      while (state == WORKING && elapsed < end) {
        wait(end - elapsed);
        elapsed = (System.nanoTime() - start) / 1_000_000;
      }
    }

    private synchronized byte[] mine() {
      if (state == WORKING && System.nanoTime() - start > limit.toNanos()) {
        state = FAILED;
        message =
            String.format(
                    Locale.ROOT,
                    "it needs longer than %s = %s; raise it, or look at what makes the storage slow",
                    setting,
                    limit)
                .getBytes(UTF_8);
      }
      byte[] report = new byte[1 + message.length];
      report[0] = state;
      System.arraycopy(message, 0, report, 1, message.length);
      return report;
    }

    /** Every rank sees the same reports, so all end in the same round. */
    private synchronized boolean isOver(List<byte[]> reports) {
      List<byte[]> messages = new ArrayList<>();
      boolean allDone = true;
      for (int rank = 0; rank < reports.size(); rank++) {
        byte[] report = reports.get(rank);
        byte[] content = Arrays.copyOfRange(report, 1, report.length);
        messages.add(content);
        allDone &= report[0] == DONE;
        if (report[0] == FAILED) {
          failure =
              new CollectiveException(
                  String.format(
                      Locale.ROOT,
                      "Rank %d failed while %s: %s",
                      rank,
                      what,
                      new String(content, UTF_8)),
                  null);
          return true;
        }
      }
      if (allDone) {
        results = messages;
      }
      return allDone;
    }
  }
}
