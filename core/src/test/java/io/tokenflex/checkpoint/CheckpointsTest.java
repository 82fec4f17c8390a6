package io.tokenflex.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.weights.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
  /** More storage and stream calls than a save makes. */
  private static final int MAX_CALLS = 120;

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
        new SingleProcessGroup());
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

  private List<String> folders() throws IOException {
    return storage.list("");
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

  @Test
  void aFaultAtAnyCallWhileSavingLeavesAWholeCheckpointAndTheNextSaveCleansUp() throws IOException {
    Checkpoints checkpoints = keeping(1);
    long step = 1;
    save(checkpoints, step);
    boolean failed = true;
    int call = 1;
    for (; failed && call <= MAX_CALLS; call++) {
      long previous = step;
      step++;
      storage.failAt(call);
      Throwable thrown = saveAndCatch(checkpoints, step);
      failed = storage.heal();
      if (failed) {
        assertThat(thrown).as("call %d", call).hasMessageStartingWith("injected: ");
        boolean published =
            thrown.getMessage().matches("injected: (delete|list).*")
                && folders().contains(String.format(Locale.ROOT, "step-%08d", step));
        assertRestores(checkpoints, published ? step : previous);
        step++;
        save(checkpoints, step);
      } else {
        assertThat(thrown).as("call %d", call).isNull();
        assertRestores(checkpoints, step);
      }
      assertThat(folders())
          .as("call %d", call)
          .containsExactly(String.format(Locale.ROOT, "step-%08d", step));
    }
    assertThat(call).as("calls that were broken").isBetween(20, MAX_CALLS);
  }

  private Throwable saveAndCatch(Checkpoints checkpoints, long step) {
    try {
      save(checkpoints, step);
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  @Test
  void aCheckpointThatWasHalfDeletedIsInvisible() throws IOException {
    int deletions = 0;
    for (int call = 1; call <= MAX_CALLS; call++) {
      storage = new FailingStorage(new InMemoryCheckpointStorage());
      Checkpoints checkpoints = keeping(1);
      save(checkpoints, 1);
      storage.failAt(call);
      Throwable thrown = saveAndCatch(checkpoints, 2);
      if (storage.heal() && thrown.getMessage().startsWith("injected: delete step-00000001")) {
        deletions++;
        storage.delete("step-00000002");
        if (checkpoints.latest().isPresent()) {
          assertRestores(checkpoints, 1);
        }
      }
    }
    assertThat(deletions).as("the manifest, then the folder").isEqualTo(2);
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
