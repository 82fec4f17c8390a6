package io.tokenflex.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.storage.AtCloseStorage;
import io.tokenflex.storage.FailingStorage;
import io.tokenflex.storage.InMemoryStorage;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * An attempt stops before any of its calls, the next one begins and saves the same step, and at any
 * call of that the first goes on to its end: it removes, writes and publishes what it still can.
 */
class ReplacedAttemptsTest extends CheckpointsFixture {
  /** Of all pairs of calls one in so many; another one for each call of the late attempt. */
  private static final int STRIDE = 13;

  private static final byte[] LATE = new byte[100];
  private static final byte[] NEXT = new byte[101];
  private static final byte[] LAST = new byte[102];

  private final ExecutorService lateThread = Executors.newSingleThreadExecutor();
  private final Map<String, Integer> outcomes = new TreeMap<>();

  @AfterEach
  void stop() {
    lateThread.shutdownNow();
  }

  /** Begins an attempt, which saves the steps to {@code last} that are not published. */
  private void attempt(Storage files, long last, byte[] config) throws IOException {
    Checkpoints checkpoints = new Checkpoints(files, 1);
    checkpoints.begin();
    long published = new CheckpointCatalog(files).latestStep();
    for (long step = published + 1; step <= last; step++) {
      fill(config.length);
      checkpoints.save(
          state(step),
          model,
          adamW,
          Map.of(ModelFiles.CONFIG, config),
          new SingleProcessGroup(),
          new Checkpoints.Limits(Duration.ofMinutes(1), Duration.ofMinutes(1)));
    }
  }

  private static Throwable failureOf(FailingStorage files, Call call) {
    try {
      call.run(files);
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  private interface Call {
    void run(Storage files) throws IOException;
  }

  /** Step 1 is published, and an attempt broke when all files of step 2 were there. */
  private InMemoryStorage brokenAtStepTwo(UnaryOperator<Storage> kind) throws IOException {
    InMemoryStorage files = new InMemoryStorage();
    attempt(kind.apply(files), 1, LATE);
    FailingStorage breaking = new FailingStorage(kind.apply(files.copy()));
    attempt(breaking, 2, LATE);
    String manifest = CheckpointCatalog.saveOf("step-00000002") + "/";
    int call = 1;
    while (!breaking
        .calls()
        .get(call - 1)
        .matches("createUnlessTaken " + manifest + ".*manifest.json")) {
      call++;
    }
    FailingStorage broken = new FailingStorage(kind.apply(files));
    broken.failAt(call, FailingStorage.Moment.BEFORE);
    assertThat(failureOf(broken, same -> attempt(same, 2, LATE))).hasMessageContaining("injected");
    assertThat(files.list("step-00000002")).as("what it leaves").isNotEmpty();
    return files;
  }

  private static List<String> calls(InMemoryStorage files, Call call, UnaryOperator<Storage> kind)
      throws IOException {
    FailingStorage counting = new FailingStorage(kind.apply(files.copy()));
    call.run(counting);
    return counting.calls();
  }

  @Test
  void onADiskItChangesNothingOfWhatTheNextOnePublished() throws Exception {
    sweep(storage -> storage);
  }

  @Test
  void onAnObjectStoreItChangesNothingOfWhatTheNextOnePublished() throws Exception {
    sweep(AtCloseStorage::new);
  }

  private void sweep(UnaryOperator<Storage> kind) throws Exception {
    InMemoryStorage before = brokenAtStepTwo(kind);
    List<String> calls = calls(before, files -> attempt(files, 2, LATE), kind);
    int begun = 1; // with its record, after which it looks whether that is the last one
    while (!calls.get(begun - 1).startsWith("createUnlessTaken " + CheckpointCatalog.WRITER)) {
      begun++;
    }
    int numCalls = calls.size();
    assertThat(numCalls).as("calls of an attempt").isGreaterThan(60);
    for (int call = begun + 2; call <= numCalls; call++) {
      for (int next = 1 + call % STRIDE; next <= numCalls + STRIDE; next += STRIDE) {
        goOnLate(kind, before.copy(), call, next);
      }
    }
    assertThat(outcomes.get("saved again")).as("outcomes: %s", outcomes).isGreaterThan(50);
  }

  private void goOnLate(UnaryOperator<Storage> kind, InMemoryStorage memory, int call, int next)
      throws Exception {
    String as = "late one stopped before call " + call + ", went on before call " + next;
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    FailingStorage lates = new FailingStorage(kind.apply(memory));
    lates.pauseAt(
        call,
        () -> {
          stopped.countDown();
          await(goOn, as);
        });
    Future<Throwable> late =
        lateThread.submit(() -> failureOf(lates, files -> attempt(files, 2, LATE)));
    await(stopped, as);

    FailingStorage nexts = new FailingStorage(kind.apply(memory));
    nexts.pauseAt(
        next,
        () -> {
          goOn.countDown();
          get(late, as);
        });
    Throwable failure = failureOf(nexts, files -> attempt(files, 2, NEXT));
    if (goOn.getCount() > 0) { // the next one is done
      SortedMap<String, Integer> published = newest(memory);
      goOn.countDown();
      get(late, as);
      assertThat(newest(memory)).as(as).isEqualTo(published);
    }
    Checkpoints last = new Checkpoints(kind.apply(memory), 1);
    if (failure == null) {
      Published saved = last.latest().orElseThrow();
      assertWhole(memory, saved, as);
      outcome(
          last.readFile(saved, ModelFiles.CONFIG).orElseThrow().length == LATE.length
              ? "saved by the late one"
              : saved.folder().equals("step-00000002")
                  ? "saved again"
                  : "saved under another name");
    } else {
      assertThat(failure).as(as).hasMessageContaining("is there already");
      outcome("met a late file");
    }
    attempt(kind.apply(memory), 2, LAST);
    assertWhole(memory, last.latest().orElseThrow(), as);
  }

  private void outcome(String what) {
    outcomes.merge(what, 1, Integer::sum);
  }

  /** The newest checkpoint: its manifest and the files that this lists. */
  private static SortedMap<String, Integer> newest(InMemoryStorage files) throws IOException {
    SortedMap<String, Integer> all = files.hashes();
    Published newest = new CheckpointCatalog(files).latest().orElseThrow();
    SortedMap<String, Integer> listed = new TreeMap<>();
    String manifest = CheckpointCatalog.manifestOf(newest.folder());
    listed.put(manifest, all.get(manifest));
    for (CheckpointManifest.Entry entry : newest.manifest().files()) {
      String file = newest.folder() + "/" + entry.name();
      listed.put(file, all.get(file));
    }
    return listed;
  }

  private static void assertWhole(Storage files, Published saved, String as) throws IOException {
    assertThat(saved.manifest().step()).as(as).isEqualTo(2);
    HashedFiles content = new HashedFiles(files);
    for (CheckpointManifest.Entry entry : saved.manifest().files()) {
      content.read(saved.folder(), entry, in -> null); // compares its digest
    }
  }

  private static void await(CountDownLatch latch, String as) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).as(as).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(as, e);
    }
  }

  private static void get(Future<Throwable> late, String as) {
    try {
      late.get(1, TimeUnit.MINUTES);
    } catch (Exception e) {
      throw new IllegalStateException(as, e);
    }
  }
}
