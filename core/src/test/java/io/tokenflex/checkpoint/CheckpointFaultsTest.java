package io.tokenflex.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.storage.FailingStorage;
import io.tokenflex.storage.FailingStorage.Moment;
import io.tokenflex.storage.InMemoryStorage;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

/** Faults, rivals and readers at every call of a save. */
class CheckpointFaultsTest extends CheckpointsFixture {
  private InMemoryStorage afterStepOne;
  private InMemoryStorage memory;

  /** As a run that saved step 1 and now saves step 2, each attempt with its own right. */
  private Checkpoints savedOnce(Storage files) throws IOException {
    storage = new FailingStorage(files);
    save(keeping(1), 1);
    return secondAttempt();
  }

  /** The same in {@link #memory}. */
  private Checkpoints savedOnce() throws IOException {
    if (afterStepOne == null) {
      afterStepOne = new InMemoryStorage();
      storage = new FailingStorage(afterStepOne);
      save(keeping(1), 1);
    }
    memory = afterStepOne.copy();
    storage = new FailingStorage(memory);
    return secondAttempt();
  }

  private Checkpoints secondAttempt() throws IOException {
    Checkpoints second = keeping(1);
    second.begin();
    storage.heal();
    return second;
  }

  private Throwable saveAndCatch(Checkpoints checkpoints, long step) {
    try {
      save(checkpoints, step);
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  private List<String> callsOfASave() throws IOException {
    Checkpoints checkpoints = savedOnce();
    save(checkpoints, 2);
    return storage.calls();
  }

  @Test
  void aFaultBeforeInOrAfterAnyCallOfASaveLeavesAWholeCheckpointAndTheNextAttemptCleansUp()
      throws IOException {
    int numCalls = callsOfASave().size();
    assertThat(numCalls).as("calls of a save").isGreaterThan(30);
    for (Moment moment : Moment.values()) {
      for (int call = 1; call <= numCalls; call++) {
        Checkpoints checkpoints = savedOnce();
        storage.failAt(call, moment);
        assertSurvives(checkpoints, moment + " call " + call);
      }
    }
  }

  @Test
  void aDiskThatIsGoneFromAnyCallOfASaveOnLeavesAWholeCheckpoint() throws IOException {
    int numCalls = callsOfASave().size();
    for (Moment moment : List.of(Moment.MIDDLE, Moment.AFTER)) {
      for (int call = 1; call <= numCalls; call++) {
        Checkpoints checkpoints = savedOnce();
        storage.failFrom(call, moment);
        assertSurvives(checkpoints, moment + " from call " + call);
      }
    }
  }

  @Test
  void onADiskAFaultOfEveryKindOfCallLeavesAWholeCheckpoint() throws IOException {
    Set<String> kinds = new HashSet<>();
    List<String> calls = callsOfASave();
    for (int call = 1; call <= calls.size(); call++) {
      if (kinds.add(calls.get(call - 1).split(" ", 2)[0])) {
        Checkpoints checkpoints = savedOnce(new LocalStorage(folder.resolve("call-" + call)));
        storage.failAt(call, Moment.AFTER);
        assertSurvives(checkpoints, calls.get(call - 1));
      }
    }
    assertThat(kinds)
        .contains(
            "create", "write", "close", "createUnlessTaken", "open", "read", "list", "delete");
  }

  /** Saves step 2, in which a fault waits; whatever it does, the run goes on and is tidy again. */
  private void assertSurvives(Checkpoints checkpoints, String as) throws IOException {
    Throwable thrown = saveAndCatch(checkpoints, 2);
    String broken = storage.heal();
    assertThat(broken).as(as + " was broken").isNotEmpty();
    if (thrown != null) {
      assertThat(thrown).as(as).hasMessageContaining("injected: ");
    }

    Checkpoints next = keeping(1);
    next.begin();
    long found = next.latest().orElseThrow().manifest().step();
    assertThat(found).as(as + ", " + broken).isIn(thrown == null ? List.of(2L) : List.of(1L, 2L));
    assertRestores(next, found);
    if (found < 2) {
      save(next, 2);
      assertRestores(next, 2);
      assertThat(folders()).as(as + ", " + broken).containsExactly("step-00000002");
    }
    save(next, 3);
    assertRestores(next, 3);
    assertThat(folders()).as(as + ", " + broken).containsExactly("step-00000003");
    assertThat(storage.list(CheckpointCatalog.SAVES)).as(as + ", " + broken).isEmpty();
  }

  @Test
  void aFaultWhileLeftoversAreRemovedCostsThePlainNameAtMost() throws IOException {
    List<String> calls = callsOfASave();
    int complete = 1; // all files are there, and nothing is announced
    while (!calls.get(complete - 1).matches("createUnlessTaken \\.saves.*manifest\\.json")) {
      complete++;
    }
    List<String> names = new ArrayList<>();
    for (Moment moment : Moment.values()) {
      for (int call = 1;
          names.isEmpty() || !names.get(names.size() - 1).equals("no fault");
          call++) {
        Checkpoints broken = savedOnce();
        storage.failFrom(complete, Moment.BEFORE);
        assertThat(saveAndCatch(broken, 2)).isNotNull();
        storage.heal();
        storage.failAt(call, moment);
        try {
          keeping(1).begin();
        } catch (IOException e) {
          assertThat(e).hasMessageContaining("injected");
        }
        if (storage.heal().isEmpty()) {
          names.add("no fault");
          continue;
        }
        Checkpoints next = keeping(1);
        next.begin();
        save(next, 2);
        assertRestores(next, 2);
        assertThat(folders()).as("%s call %d", moment, call).hasSize(1);
        names.add(folders().get(0));
      }
      names.remove("no fault");
    }
    assertThat(names).contains("step-00000002").anyMatch(name -> name.length() > 13);
  }

  @Test
  void aFaultAfterTheCheckpointHasItsNameIsNoFailure() throws IOException {
    List<String> calls = callsOfASave();
    int published = calls.indexOf("createUnlessTaken step-00000002/manifest.json") + 1;
    assertThat(published).isPositive();
    for (int call = published + 1; call <= calls.size(); call++) {
      Checkpoints checkpoints = savedOnce();
      storage.failFrom(call, Moment.BEFORE);
      assertThat(saveAndCatch(checkpoints, 2)).as(calls.get(call - 1)).isNull();
      storage.heal();
      Checkpoints next = keeping(1);
      next.begin();
      assertThat(folders())
          .as("%s: nothing half removed stays", calls.get(call - 1))
          .allMatch(name -> memory.list(name).contains(CheckpointManifest.FILE_NAME));
      assertRestores(next, 2);
    }
  }

  @Test
  void anAttemptThatIsReplacedAtAnyCallPublishesAndDeletesNothing() throws IOException {
    int numCalls = callsOfASave().size();
    int replaced = 0;
    for (int call = 1; call <= numCalls; call++) {
      Checkpoints late = savedOnce();
      InMemoryStorage files = memory;
      List<SortedMap<String, Integer>> published = new ArrayList<>();
      storage.pauseAt(call, () -> published.add(saveByNextAttempt(files)));
      Throwable thrown = saveAndCatch(late, 2);
      storage.heal();

      SortedMap<String, Integer> left = publishedFiles(files);
      assertThat(left)
          .as("after the late one, which stopped at call %d", call)
          .isEqualTo(published.get(0));
      replaced += thrown == null ? 0 : 1;
    }
    assertThat(replaced).as("attempts that were told").isGreaterThan(20);
  }

  /** Somebody else begins and saves what is missing of steps 2 and 3; returns what is published. */
  private SortedMap<String, Integer> saveByNextAttempt(InMemoryStorage files) {
    try {
      Checkpoints next = new Checkpoints(files, 1);
      next.begin();
      for (long step = next.latest().orElseThrow().manifest().step() + 1; step <= 3; step++) {
        save(next, step);
      }
      return publishedFiles(files);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All files of all folders that hold a manifest. */
  static SortedMap<String, Integer> publishedFiles(InMemoryStorage files) {
    SortedMap<String, Integer> published = files.hashes();
    Set<String> all = Set.copyOf(published.keySet());
    published
        .keySet()
        .removeIf(
            file ->
                !file.startsWith("step-")
                    || !all.contains(CheckpointCatalog.manifestOf(file.split("/", 2)[0])));
    return published;
  }

  @Test
  void aCheckpointThatSomebodyReadsStaysUntilItWasRead() throws IOException {
    Checkpoints checkpoints = keeping(1);
    save(checkpoints, 1);
    try (CheckpointHold hold = CheckpointHold.newest(storage).orElseThrow()) {
      assertThat(hold.location()).endsWith("step-00000001");
      save(checkpoints, 2);
      save(checkpoints, 3);
      assertThat(folders()).containsExactly("step-00000001", "step-00000003");
    }
    save(checkpoints, 4);
    assertThat(folders()).containsExactly("step-00000004");
    assertThat(storage.list(CheckpointCatalog.READERS)).isEmpty();
  }

  @Test
  void aReaderAndADeletionThatMeetAtAnyCallAgree() throws IOException {
    int numCalls = callsOfASave().size();
    int held = 0;
    for (int call = 1; call <= numCalls; call++) {
      Checkpoints checkpoints = savedOnce();
      InMemoryStorage files = memory;
      List<Optional<CheckpointHold>> holds = new ArrayList<>();
      storage.pauseAt(call, () -> holds.add(hold(files, "step-00000001")));
      save(checkpoints, 2);
      List<String> calls = storage.calls();
      storage.heal();
      if (holds.get(0).isPresent()) {
        held++;
        assertThat(calls)
            .as("the manifest was there all the time, held at call %d", call)
            .doesNotContain("delete step-00000001/manifest.json");
        assertThat(publishedFiles(files).keySet())
            .as("held at call %d", call)
            .contains("step-00000001/manifest.json", "step-00000001/" + ModelFiles.WEIGHTS);
        holds.get(0).get().close();
      }
    }
    assertThat(held).isBetween(20, numCalls - 1);
  }

  private static Optional<CheckpointHold> hold(Storage files, String folder) {
    try {
      return CheckpointHold.of(files, folder, Duration.ofMillis(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
