package io.tokenflex.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.checkpoint.FailingStorage.Moment;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.weights.ModelFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  @TempDir private Path folder;

  private NDManager manager;
  private TokenFlexModel model;
  private AdamW adamW;
  private FailingStorage storage;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager("PyTorch");
    model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32);
    List<Segment> segments = model.parameters().segments();
    segments.forEach(Segment::enableTraining);
    adamW = new AdamW(manager, model.kernels(), segments, TinyRun.optimizer());
    storage = new FailingStorage(new LocalCheckpointStorage(folder));
  }

  @AfterEach
  void close() {
    model.close();
    manager.close();
  }

  private static TrainState state(long step) {
    return new TrainState(
        step, 1, 7, 4, 8, 2, "data-1", "weighted", List.of("projector", "language_model"), "", "");
  }

  private Checkpoints keeping(int keep) {
    return new Checkpoints(storage, keep);
  }

  /** Fills weights and moments with values that tell the step. */
  private void fill(float value) {
    forEverySlice((segment, slice) -> segment.overwrite(slice, 0, constant(segment, value)));
  }

  private static float[] constant(Segment segment, float value) {
    float[] values = new float[Math.toIntExact(segment.numElements())];
    Arrays.fill(values, value);
    return values;
  }

  private interface SliceTask {
    void run(Segment segment, NDArray slice);
  }

  private void forEverySlice(SliceTask task) {
    for (int i = 0; i < adamW.segments().size(); i++) {
      Segment segment = adamW.segments().get(i);
      task.run(segment, segment.weights());
      task.run(segment, adamW.firstMoments().get(i));
      task.run(segment, adamW.secondMoments().get(i));
    }
  }

  private void save(Checkpoints checkpoints, long step) throws IOException {
    fill((float) step);
    checkpoints.save(
        state(step),
        model,
        adamW,
        Map.of(ModelFiles.CONFIG, new byte[100], ModelFiles.TOKENIZER, new byte[50]),
        new SingleProcessGroup(),
        new Checkpoints.Limits(Duration.ofMinutes(1), Duration.ofMinutes(1)));
  }

  /** The newest checkpoint is that of {@code step}, whole. */
  private void assertRestores(Checkpoints checkpoints, long step) throws IOException {
    fill(-1);
    Published latest = checkpoints.latest().orElseThrow();
    assertThat(checkpoints.readState(latest)).isEqualTo(state(step));
    checkpoints.restore(latest, model, adamW);
    forEverySlice(
        (segment, slice) ->
            assertThat(Arrays.equals(slice.toFloatArray(), constant(segment, (float) step)))
                .as("%s is that of step %d", segment, step)
                .isTrue());
  }

  /** Without the records of writers and readers. */
  private List<String> folders() throws IOException {
    return storage.list("").stream()
        .filter(name -> !name.equals(WriterLog.FOLDER) && !name.equals(CheckpointHold.FOLDER))
        .toList();
  }

  @Test
  void whatWasSavedIsRestored() throws IOException {
    Checkpoints checkpoints = keeping(2);
    assertThat(checkpoints.latest()).isEmpty();
    save(checkpoints, 5);
    assertRestores(checkpoints, 5);
    assertThat(folders()).containsExactly("step-00000005");
  }

  @Test
  void theNewestOnesAreKept() throws IOException {
    Checkpoints checkpoints = keeping(3);
    for (long step = 1; step <= 5; step++) {
      save(checkpoints, step);
    }
    assertThat(folders()).containsExactly("step-00000003", "step-00000004", "step-00000005");
    assertRestores(checkpoints, 5);
  }

  /** As a run that saved step 1 and now saves step 2, each attempt with its own right. */
  private Checkpoints savedOnce(CheckpointStorage files) throws IOException {
    storage = new FailingStorage(files);
    save(keeping(1), 1);
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
    Checkpoints checkpoints = savedOnce(new InMemoryCheckpointStorage());
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
        Checkpoints checkpoints = savedOnce(new InMemoryCheckpointStorage());
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
        Checkpoints checkpoints = savedOnce(new InMemoryCheckpointStorage());
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
        Checkpoints checkpoints =
            savedOnce(new LocalCheckpointStorage(folder.resolve("call-" + call)));
        storage.failAt(call, Moment.AFTER);
        assertSurvives(checkpoints, calls.get(call - 1));
      }
    }
    assertThat(kinds)
        .contains("create", "write", "close", "createNew", "publish", "list", "delete");
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
    save(next, 3);
    assertRestores(next, 3);
    assertThat(folders()).as(as + ", " + broken).containsExactly("step-00000003");
  }

  @Test
  void aFaultAfterTheCheckpointHasItsNameIsNoFailure() throws IOException {
    List<String> calls = callsOfASave();
    int published = calls.indexOf("publish step-00000002") + 1;
    assertThat(published).isPositive();
    for (int call = published + 1; call <= calls.size(); call++) {
      Checkpoints checkpoints = savedOnce(new InMemoryCheckpointStorage());
      storage.failFrom(call, Moment.BEFORE);
      assertThat(saveAndCatch(checkpoints, 2)).as(calls.get(call - 1)).isNull();
      storage.heal();
      assertRestores(keeping(1), 2);
    }
  }

  @Test
  void anAttemptThatIsReplacedAtAnyCallPublishesAndDeletesNothing() throws IOException {
    int numCalls = callsOfASave().size();
    int replaced = 0;
    for (int call = 1; call <= numCalls; call++) {
      InMemoryCheckpointStorage files = new InMemoryCheckpointStorage();
      Checkpoints late = savedOnce(files);
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
    assertThat(replaced).as("attempts that were told").isGreaterThan(30);
  }

  /** Somebody else begins and saves what is missing of steps 2 and 3; returns what is published. */
  private SortedMap<String, Integer> saveByNextAttempt(InMemoryCheckpointStorage files) {
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

  private static SortedMap<String, Integer> publishedFiles(InMemoryCheckpointStorage files) {
    SortedMap<String, Integer> published = files.hashes();
    published.keySet().removeIf(file -> !file.startsWith("step-"));
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
    assertThat(storage.list(CheckpointHold.FOLDER)).isEmpty();
  }

  @Test
  void aReaderAndADeletionThatMeetAtAnyCallAgree() throws IOException {
    int numCalls = callsOfASave().size();
    int held = 0;
    for (int call = 1; call <= numCalls; call++) {
      InMemoryCheckpointStorage files = new InMemoryCheckpointStorage();
      Checkpoints checkpoints = savedOnce(files);
      List<Optional<CheckpointHold>> holds = new ArrayList<>();
      storage.pauseAt(call, () -> holds.add(hold(files, "step-00000001")));
      save(checkpoints, 2);
      storage.heal();
      if (holds.get(0).isPresent()) {
        held++;
        assertThat(publishedFiles(files).keySet())
            .as("held at call %d", call)
            .contains("step-00000001/manifest.json", "step-00000001/" + ModelFiles.WEIGHTS);
        holds.get(0).get().close();
      }
    }
    assertThat(held).isBetween(30, numCalls - 1);
  }

  private static Optional<CheckpointHold> hold(CheckpointStorage files, String folder) {
    try {
      return CheckpointHold.of(files, folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void oneChangedByteInAnyFileIsNoticedAndTheFileNamed() throws IOException {
    Checkpoints checkpoints = keeping(1);
    save(checkpoints, 3);
    Path published = folder.resolve("step-00000003");
    List<Path> files;
    try (Stream<Path> entries = Files.list(published)) {
      files = entries.sorted().toList();
    }
    assertThat(files).hasSize(6);
    for (Path file : files) {
      byte[] content = Files.readAllBytes(file);
      byte[] changed = content.clone();
      int middle = file.endsWith(CheckpointManifest.FILE_NAME) ? 0 : content.length / 2;
      changed[middle] ^= 1;
      Files.write(file, changed);
      assertThatThrownBy(() -> readAll(checkpoints))
          .as("%s, byte %d", file.getFileName(), middle)
          .isInstanceOf(CorruptCheckpointException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("elete or move the folder");
      Files.write(file, content);
      assertThatCode(() -> readAll(checkpoints)).doesNotThrowAnyException();
    }
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    Checkpoints checkpoints = keeping(1);
    save(checkpoints, 3);
    Path weights = folder.resolve("step-00000003").resolve(ModelFiles.WEIGHTS);
    Files.delete(weights);
    assertThatThrownBy(() -> readAll(checkpoints))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining(weights + " is missing");
  }

  private void readAll(Checkpoints checkpoints) throws IOException {
    Published latest = checkpoints.latest().orElseThrow();
    checkpoints.readState(latest);
    checkpoints.restore(latest, model, adamW);
  }

  @Test
  void aFolderWithoutAManifestIsInvisible() throws IOException {
    Checkpoints checkpoints = keeping(2);
    save(checkpoints, 1);
    save(checkpoints, 2);
    Files.delete(folder.resolve("step-00000002").resolve(CheckpointManifest.FILE_NAME));
    assertRestores(checkpoints, 1);
    save(checkpoints, 2);
    assertRestores(checkpoints, 2);
  }

  @Test
  void aStateFromBeforeThereWereAdaptersContinues() throws IOException {
    save(keeping(1), 1);
    Path file = folder.resolve("step-00000001").resolve(TrainState.FILE_NAME);
    ObjectMapper json = new ObjectMapper();
    ObjectNode written = (ObjectNode) json.readTree(file.toFile());
    written.remove(List.of("adapters", "baseDigest"));
    TrainState stored = json.treeToValue(written, TrainState.class);

    assertThat(state(1).differencesFrom(stored)).isEmpty();
    assertThat(stored).isEqualTo(state(1));
  }

  @Test
  void aRunOfOtherSettingsDoesNotContinue() {
    TrainState stored = state(5);
    assertThat(state(9).differencesFrom(stored)).isEmpty();
    TrainState other =
        new TrainState(5, 2, 8, 2, 16, 3, "data-2", "fixed", List.of("projector"), "", "");
    assertThat(other.differencesFrom(stored))
        .containsExactly(
            "run.seed was 7 and is 8",
            "train.lanes was 4 and is 2",
            "train.globalBatchSize was 8 and is 16",
            "train.windowRowGroups was 2 and is 3",
            "data fingerprint was data-1 and is data-2",
            "token schedule was weighted and is fixed",
            "trained segments was [projector, language_model] and is [projector]");
  }
}
