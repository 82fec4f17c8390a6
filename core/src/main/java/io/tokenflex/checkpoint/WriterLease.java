package io.tokenflex.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right of one command to train a run, for as long as it lives.
 *
 * <p>Its holder renews a small file; whoever comes while that file changes is refused. A holder
 * that has ended, or has given no sign of life for the lease's duration, is replaced. That the
 * replaced one publishes nothing does not depend on clocks: attempts are numbered by conditional
 * creates, see {@link WriterLog}. The lease only tells people early.
 */
public final class WriterLease implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WriterLease.class);
  private static final int BEATS_PER_LEASE = 6;
  private static final int MAX_TRIES = 100;

  private final Storage storage;
  private final Duration duration;
  private final WriterLog acts;
  private final WriterIdentity self = WriterIdentity.ofThisProcess();
  private final ScheduledExecutorService beats =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "writer-lease");
            thread.setDaemon(true);
            return thread;
          });
  private volatile Runnable onLoss = () -> {};
  private volatile boolean lost;
  private ScheduledFuture<?> beating;

  private WriterLease(Storage storage, Duration duration) {
    this.storage = storage;
    this.duration = duration;
    this.acts = new WriterLog(storage);
  }

  /**
   * Takes the lease of the checkpoints under the root of {@code storage}; waits while it is not
   * clear whether the one who holds it is alive, at most about {@code duration}.
   *
   * @param duration after which a holder without a sign of life is replaced
   * @throws RunBusyException if another one is at work; says who
   */
  public static WriterLease take(Storage storage, Duration duration)
      throws IOException, InterruptedException {
    WriterLease lease = new WriterLease(storage, duration);
    try {
      lease.firstBeat();
      lease.acquire();
    } catch (IOException | InterruptedException | RuntimeException e) {
      lease.beats.shutdownNow();
      lease.removeBeat(lease.self);
      throw e;
    }
    long millis = lease.beatMillis();
    lease.beating =
        lease.beats.scheduleAtFixedRate(lease::beatOrWarn, millis, millis, TimeUnit.MILLISECONDS);
    return lease;
  }

  private void acquire() throws IOException, InterruptedException {
    for (int i = 0; i < MAX_TRIES; i++) {
      Optional<WriterRecord> head = acts.head();
      if (head.isPresent() && head.get().act() != WriterRecord.Act.END) {
        waitForEnd(head.get());
      }
      long number = head.map(WriterRecord::number).orElse(0L) + 1;
      if (acts.append(WriterRecord.begin(number, self))) {
        head.ifPresent(before -> removeBeat(before.writer()));
        return;
      }
      // Somebody acted meanwhile: look who.
    }
    throw new IOException(
        "Others keep writing into " + storage.locationOf(CheckpointCatalog.WRITER));
  }

  /** Returns once the writer has ended or is silent for the lease's duration. */
  private void waitForEnd(WriterRecord head) throws IOException, InterruptedException {
    WriterIdentity writer = head.writer();
    String first = lastBeat(writer).orElse(head.time());
    if (writer.hasEnded()) {
      log.info("train: {} has ended without saying so; going on with its run", writer);
      return;
    }
    if (age(first).compareTo(duration.dividedBy(2)) < 0) {
      throw busy(writer, first);
    }
    log.info(
        "train: waiting up to {} s to see whether {} is still at work (last sign of life {})",
        duration.toSeconds(),
        writer,
        first);
    // Two beats are enough if the clocks agree; a whole lease if they may not.
    long enough = age(first).compareTo(duration) > 0 ? 2 * beatMillis() : duration.toMillis();
    long start = System.nanoTime();
    while ((System.nanoTime() - start) / 1_000_000 < enough) {
      TimeUnit.MILLISECONDS.sleep(Math.max(1, beatMillis() / 10));
      String now = lastBeat(writer).orElse(head.time());
      if (!now.equals(first)) {
        throw busy(writer, now);
      }
      if (acts.last() != head.number()) {
        return; // it acted, or has ended: whoever looks next finds out
      }
    }
    log.warn("train: {} gave no sign of life for {}; going on with its run", writer, duration);
  }

  /** By clocks that may differ. */
  private static Duration age(String time) {
    try {
      return Duration.between(Instant.parse(time), Instant.now()).abs();
    } catch (DateTimeException e) {
      return Duration.ZERO; // unreadable: it is being written
    }
  }

  private RunBusyException busy(WriterIdentity writer, String lastBeat) {
    return new RunBusyException(
        String.format(
            Locale.ROOT,
            "Another train command works on %s: %s, last sign of life %s. Wait for it or stop it. If it"
                + " is dead, run this command again: %d s after the last sign of life it goes on with that run",
            storage.locationOf(""),
            writer,
            lastBeat,
            duration.toSeconds()));
  }

  /** What happens, once and on another thread, when somebody else has taken the lease. */
  public void onLoss(Runnable action) {
    onLoss = action;
  }

  /**
   * Begins an attempt: those before it can publish nothing more.
   *
   * @throws RunBusyException if somebody else has taken the lease
   */
  public WriterAttempt beginAttempt() throws IOException {
    for (int i = 0; i < MAX_TRIES; i++) {
      Optional<WriterRecord> head = acts.head();
      if (head.isPresent() && !head.get().writer().id().equals(self.id())) {
        throw busy(head.get().writer(), lastBeat(head.get().writer()).orElse(head.get().time()));
      }
      long number = head.map(WriterRecord::number).orElse(0L) + 1;
      if (acts.append(WriterRecord.begin(number, self))) {
        return new WriterAttempt(self, number);
      }
    }
    throw new IOException(
        "Others keep writing into " + storage.locationOf(CheckpointCatalog.WRITER));
  }

  private long beatMillis() {
    return Math.max(1, duration.toMillis() / BEATS_PER_LEASE);
  }

  private static String beatOf(WriterIdentity writer) {
    return CheckpointCatalog.WRITER + "/alive-" + writer.id();
  }

  private void firstBeat() throws IOException {
    try {
      beat();
    } catch (IOException e) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "Cannot write into the folder of checkpoints %s: %s. Look at its permissions and the space"
                  + " that is left, or set another run.dir",
              storage.locationOf(""),
              e.getMessage()),
          e);
    }
  }

  private void beat() throws IOException {
    storage.replace(beatOf(self), WriterIdentity.now().getBytes(UTF_8));
  }

  private void beatOrWarn() {
    try {
      beat();
    } catch (IOException | RuntimeException e) {
      log.warn(
          "train: no sign of life could be written to {}: {}",
          storage.locationOf(""),
          e.toString());
    }
    try {
      Optional<WriterRecord> head = acts.head();
      if (!lost && head.isPresent() && !head.get().writer().id().equals(self.id())) {
        lost = true;
        log.error("train: {} has taken this run over; this command ends", head.get().writer());
        onLoss.run();
      }
    } catch (IOException | RuntimeException e) {
      log.debug("Looking who writes", e);
    }
  }

  private Optional<String> lastBeat(WriterIdentity writer) {
    try (InputStream in = storage.open(beatOf(writer))) {
      return Optional.of(new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void removeBeat(WriterIdentity writer) {
    try {
      storage.delete(beatOf(writer));
    } catch (IOException e) {
      log.debug("A sign of life stays", e);
    }
  }

  /** Says that this command has ended; if that cannot be written, others find out by themselves. */
  @Override
  public void close() {
    beating.cancel(false);
    beats.shutdownNow();
    try {
      long last = acts.last();
      if (last > 0 && acts.read(last).writer().id().equals(self.id())) {
        acts.append(WriterRecord.end(last + 1, self));
      }
    } catch (IOException e) {
      log.warn(
          "train: could not say in {} that this command ends: {}",
          storage.locationOf(""),
          e.toString());
    }
    removeBeat(self);
  }
}
