package io.tokenflex.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.checkpoint.FailingStorage.Moment;
import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.testing.Ranks;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.weights.ModelFiles;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two ranks that save and restore together, each with its own view of the storage. */
class CheckpointRanksTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final InMemoryCheckpointStorage files = new InMemoryCheckpointStorage();
  private final List<NDManager> managers = new ArrayList<>();
  private final List<TokenFlexModel> models = new ArrayList<>();
  private final List<AdamW> optimizers = new ArrayList<>();

  @BeforeEach
  void openModels() {
    for (int rank = 0; rank < 2; rank++) {
      NDManager manager = NDManager.newBaseManager("PyTorch");
      TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32);
      model.parameters().initialize(1);
      List<Segment> segments = model.parameters().segments();
      segments.forEach(Segment::enableTraining);
      managers.add(manager);
      models.add(model);
      optimizers.add(new AdamW(manager, model.kernels(), segments, TinyRun.optimizer()));
    }
  }

  @AfterEach
  void close() {
    models.forEach(TokenFlexModel::close);
    managers.forEach(NDManager::close);
  }

  private void save(Checkpoints checkpoints, long step, ProcessGroup group) throws IOException {
    checkpoints.save(
        new TrainState(step, 2, 7, 4, 8, 2, "data", "weighted", List.of("all"), "", ""),
        models.get(group.rank()),
        optimizers.get(group.rank()),
        Map.of(ModelFiles.CONFIG, new byte[100]),
        group,
        new Checkpoints.Limits(LIMIT, LIMIT));
  }

  /** Both ranks save; what became of each, empty if it is done. */
  private List<String> save(long step, CheckpointStorage first, CheckpointStorage second) {
    return Ranks.run(
        2,
        group -> {
          try {
            save(new Checkpoints(group.rank() == 0 ? first : second, 1), step, group);
            return "";
          } catch (IOException | CollectiveException e) {
            return e.getClass().getSimpleName() + ": " + e.getMessage();
          }
        });
  }

  private static Optional<Published> choose(Checkpoints checkpoints, ProcessGroup group)
      throws IOException {
    return checkpoints.chooseForAll(group, LIMIT);
  }

  @Test
  void rankZeroChoosesWhateverOthersWouldFind() {
    save(5, files, files);
    // Rank 1 looks at a listing of its own in which there is an older checkpoint only.
    InMemoryCheckpointStorage stale = new InMemoryCheckpointStorage();
    CheckpointStorage listingStale = new StaleListing(files, stale);
    List<Long> steps =
        Ranks.run(
            2,
            group ->
                choose(new Checkpoints(group.rank() == 0 ? files : listingStale, 1), group)
                    .orElseThrow()
                    .manifest()
                    .step());
    assertThat(steps).containsExactly(5L, 5L);
  }

  @Test
  void aRankThatCannotOpenWhatWasChosenSaysSo() {
    save(5, files, files);
    assertThatThrownBy(
            () ->
                Ranks.run(
                    2,
                    group ->
                        choose(
                            new Checkpoints(
                                group.rank() == 0 ? files : new InMemoryCheckpointStorage(), 1),
                            group)))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("Rank 1 cannot open checkpoint memory:step-00000005");
  }

  @Test
  void aRankThatOpensAnotherCheckpointUnderTheSameNameStopsAll() {
    save(5, files, files);
    InMemoryCheckpointStorage others = new InMemoryCheckpointStorage();
    models.forEach(model -> model.parameters().initialize(2));
    save(5, others, others);
    assertThatThrownBy(
            () ->
                Ranks.run(
                    2,
                    group -> choose(new Checkpoints(group.rank() == 0 ? files : others, 1), group)))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("Rank 1 sees another checkpoint than rank 0");
  }

  @Test
  void ranksWithDifferentWeightsPublishNothing() {
    models.get(1).parameters().initialize(2);
    assertThat(save(5, files, files))
        .allSatisfy(
            outcome ->
                assertThat(outcome).contains("The ranks are not the same before checkpoint"));
    assertThat(files.list("")).containsExactly(WriterLog.FOLDER);
  }

  @Test
  void ranksAtDifferentStepsPublishNothing() {
    assertThatThrownBy(
            () ->
                Ranks.run(
                    2,
                    group -> {
                      save(new Checkpoints(files, 1), 5L + group.rank(), group);
                      return group;
                    }))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("rank 0 has step 5")
        .hasMessageContaining("rank 1 has step 6");
    assertThat(files.list("")).containsExactly(WriterLog.FOLDER);
  }

  @Test
  void aFaultOfEitherRankEndsBothAndTheNextAttemptGoesOn() throws IOException {
    save(1, files, files);
    List<Integer> calls = new ArrayList<>();
    FailingStorage healthy = new FailingStorage(files);
    FailingStorage waiting = new FailingStorage(files);
    save(2, healthy, waiting);
    calls.add(healthy.calls().size());
    calls.add(waiting.calls().size());
    long step = 2;
    for (int rank = 0; rank < 2; rank++) {
      // Every third call: each fault takes both ranks through a whole save and its recovery.
      for (int call = 1; call <= calls.get(rank); call += 3) {
        for (Moment moment : List.of(Moment.BEFORE, Moment.AFTER)) {
          String as = "rank " + rank + ", " + moment + " call " + call;
          FailingStorage failing = new FailingStorage(files);
          failing.failAt(call, moment);
          List<String> outcomes =
              rank == 0 ? save(step + 1, failing, files) : save(step + 1, files, failing);
          assertThat(outcomes.get(0).isEmpty())
              .as(as + outcomes)
              .isEqualTo(outcomes.get(1).isEmpty());
          Checkpoints next = new Checkpoints(files, 1);
          next.begin();
          long found = next.latest().orElseThrow().manifest().step();
          assertThat(found).as(as).isIn(step, step + 1);
          if (outcomes.get(0).isEmpty()) {
            assertThat(found).as(as).isEqualTo(step + 1);
          }
          assertThat(files.list("")).as(as).noneMatch(name -> name.startsWith(".staging"));
          step++;
          if (found < step) {
            save(step, files, files);
          }
        }
      }
    }
  }

  /** Files of one storage under the listing of another. */
  private record StaleListing(CheckpointStorage files, CheckpointStorage listed)
      implements CheckpointStorage {
    @Override
    public List<String> list(String folder) throws IOException {
      return listed.list(folder);
    }

    @Override
    public java.io.OutputStream create(String file) throws IOException {
      return files.create(file);
    }

    @Override
    public boolean createNew(String file, byte[] content) throws IOException {
      return files.createNew(file, content);
    }

    @Override
    public java.io.InputStream open(String file) throws IOException {
      return files.open(file);
    }

    @Override
    public void publish(String staging, String published) throws IOException {
      files.publish(staging, published);
    }

    @Override
    public void delete(String path) throws IOException {
      files.delete(path);
    }

    @Override
    public String locationOf(String path) {
      return files.locationOf(path);
    }
  }
}
