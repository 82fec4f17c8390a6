package io.tokenflex.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.ProjectorConfig;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.storage.FailingStorage;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.TinyRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A tiny model and a storage for the checkpoints of a run of one rank. */
abstract class CheckpointsFixture {
  /** Every part of a model, and so small that hundreds of saves take seconds. */
  static final ModelConfig MODEL =
      new ModelConfig(
          new VisionConfig(8, 16, 1, 2, 16, 4, 1e-6),
          new ProjectorConfig(24, 1e-5, Pooling.ADAPTIVE),
          new LanguageConfig(64, 8, 16, 1, 2, 1, 4, 256, 10_000, 1e-6, true));

  @TempDir Path folder;

  NDManager manager;
  TokenFlexModel model;
  AdamW adamW;
  FailingStorage storage;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager("PyTorch");
    model = TokenFlexModel.create(manager, MODEL, ComputeType.FP32);
    List<Segment> segments = model.parameters().segments();
    segments.forEach(Segment::enableTraining);
    adamW = new AdamW(manager, model.kernels(), segments, TinyRun.optimizer());
    storage = new FailingStorage(new LocalStorage(folder));
  }

  @AfterEach
  void close() {
    model.close();
    manager.close();
  }

  static TrainState state(long step) {
    return new TrainState(
        step, 1, 7, 4, 8, 2, "data-1", "weighted", List.of("projector", "language_model"), "", "");
  }

  Checkpoints keeping(int keep) {
    return new Checkpoints(storage, keep);
  }

  /** Fills weights and moments with values that tell the step. */
  void fill(float value) {
    forEverySlice((segment, slice) -> segment.overwrite(slice, 0, constant(segment, value)));
  }

  static float[] constant(Segment segment, float value) {
    float[] values = new float[Math.toIntExact(segment.numElements())];
    Arrays.fill(values, value);
    return values;
  }

  interface SliceTask {
    void run(Segment segment, NDArray slice);
  }

  void forEverySlice(SliceTask task) {
    for (int i = 0; i < adamW.segments().size(); i++) {
      Segment segment = adamW.segments().get(i);
      task.run(segment, segment.weights());
      task.run(segment, adamW.firstMoments().get(i));
      task.run(segment, adamW.secondMoments().get(i));
    }
  }

  void save(Checkpoints checkpoints, long step) throws IOException {
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
  void assertRestores(Checkpoints checkpoints, long step) throws IOException {
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

  /** Without the records of writers, readers and saves. */
  List<String> folders() throws IOException {
    return storage.list("").stream().filter(name -> !name.startsWith(".")).toList();
  }
}
