package io.tokenflex.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.storage.FailingStorage;
import io.tokenflex.storage.InMemoryStorage;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriterLeaseTest {
  /** Long enough that a busy machine does not lose it, where nobody waits for its end. */
  private static final Duration LONG = Duration.ofMinutes(10);

  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir private Path folder;

  private final InMemoryStorage files = new InMemoryStorage();

  /** A lease of a process of another machine that was last alive at {@code beat}. */
  private WriterIdentity elsewhere(Instant beat) throws IOException {
    WriterIdentity writer =
        new WriterIdentity("feed", "node7", "node7 1 2", 4711, "", "anna", "2026-11-28T20:00:00Z");
    WriterLog log = new WriterLog(files);
    assertThat(log.append(WriterRecord.begin(log.last() + 1, writer))).isTrue();
    beat(writer, beat);
    return writer;
  }

  private void beat(WriterIdentity writer, Instant time) throws IOException {
    files.replace(
        CheckpointCatalog.WRITER + "/alive-" + writer.id(), time.toString().getBytes(UTF_8));
  }

  @Test
  void theSecondIsRefusedAndToldWhoWorksThere() throws Exception {
    for (Storage storage : List.of(files, new LocalStorage(folder))) {
      WriterLease first = WriterLease.take(storage, LONG);
      assertThatThrownBy(() -> WriterLease.take(storage, LONG))
          .isInstanceOf(RunBusyException.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid())
          .hasMessageContaining(System.getProperty("user.name"))
          .hasMessageContaining("last sign of life")
          .hasMessageContaining("600 s after");
      first.beginAttempt();
      first.close();
      WriterLease.take(storage, LONG).close();
    }
  }

  @Test
  void ofManyAtOnceOneGetsIt() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<WriterLease> leases = new ArrayList<>();
    for (Storage storage : List.of(files, new LocalStorage(folder))) {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<WriterLease>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        all.add(
            pool.submit(
                () -> {
                  start.await();
                  try {
                    return WriterLease.take(storage, LONG);
                  } catch (RunBusyException e) {
                    return null;
                  }
                }));
      }
      start.countDown();
      int taken = 0;
      for (Future<WriterLease> one : all) {
        WriterLease lease = one.get(1, TimeUnit.MINUTES);
        if (lease != null) {
          leases.add(lease);
          taken++;
        }
      }
      assertThat(taken).isEqualTo(1);
    }
    pool.shutdown();
    leases.forEach(WriterLease::close);
  }

  @Test
  void aProcessOfThisMachineThatHasEndedIsReplacedAtOnce() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor(1, TimeUnit.MINUTES);
    WriterIdentity self = WriterIdentity.ofThisProcess();
    WriterIdentity dead =
        new WriterIdentity(
            "dead", self.host(), self.machine(), ended.pid(), "", self.user(), self.since());
    assertThat(new WriterLog(files).append(WriterRecord.begin(1, dead))).isTrue();
    beat(dead, Instant.now());

    WriterLease.take(files, LONG).close();
    assertThat(files.list(CheckpointCatalog.WRITER)).noneMatch(name -> name.startsWith("alive"));
  }

  @Test
  void oneThatIsSilentForTheLeasesDurationIsReplacedAndItsAttemptsPublishNothing()
      throws Exception {
    WriterIdentity silent = elsewhere(Instant.now().minusSeconds(3600));
    PublishingRight right =
        new PublishingRight(files, java.util.Optional.of(new WriterAttempt(silent, 1)));
    assertThat(right.isHeld()).isTrue();

    try (WriterLease lease = WriterLease.take(files, SHORT)) {
      assertThat(right.isHeld()).isFalse();
      assertThatThrownBy(() -> right.announce("step-00000001"))
          .isInstanceOf(AttemptReplacedException.class)
          .hasMessageContaining("Another attempt");
      assertThat(lease.beginAttempt().number()).isEqualTo(3);
    }
  }

  @Test
  void oneWhoseClockIsWrongIsNotReplacedWhileItBeats() throws Exception {
    Instant wrong = Instant.now().minusSeconds(7200);
    WriterIdentity alive = elsewhere(wrong);
    ExecutorService beats = Executors.newSingleThreadExecutor();
    CountDownLatch stop = new CountDownLatch(1);
    Future<?> beating =
        beats.submit(
            () -> {
              for (int i = 1; !stop.await(20, TimeUnit.MILLISECONDS); i++) {
                beat(alive, wrong.plusSeconds(i));
              }
              return null;
            });
    assertThatThrownBy(() -> WriterLease.take(files, Duration.ofSeconds(60)))
        .isInstanceOf(RunBusyException.class)
        .hasMessageContaining("process 4711 of anna on node7 since 2026-11-28T20:00:00Z");
    stop.countDown();
    beating.get(1, TimeUnit.MINUTES);
    beats.shutdown();
  }

  @Test
  void whoWasReplacedIsToldAndBeginsNoAttempt() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    try (WriterLease lease = WriterLease.take(files, SHORT)) {
      lease.onLoss(told::countDown);
      elsewhere(Instant.now());
      assertThat(told.await(1, TimeUnit.MINUTES)).isTrue();
      assertThatThrownBy(lease::beginAttempt)
          .isInstanceOf(RunBusyException.class)
          .hasMessageContaining("anna");
    }
    assertThat(new WriterLog(files).head().orElseThrow().writer().user()).isEqualTo("anna");
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamedAtOnce() {
    FailingStorage full = new FailingStorage(files);
    full.failFrom(1, FailingStorage.Moment.BEFORE);
    assertThatThrownBy(() -> WriterLease.take(full, LONG))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot write into the folder of checkpoints memory:");
  }
}
