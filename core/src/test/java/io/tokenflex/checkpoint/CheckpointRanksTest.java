package io.tokenflex.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.optimizer.AdamW;
import io.tokenflex.storage.FailingStorage;
import io.tokenflex.storage.FailingStorage.Moment;
import io.tokenflex.storage.ForwardingStorage;
import io.tokenflex.storage.InMemoryStorage;
import io.tokenflex.storage.Storage;
import io.tokenflex.testing.Ranks;
import io.tokenflex.testing.TinyRun;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two ranks that save and restore together, each with its own view of the storage. */
class CheckpointRanksTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final InMemoryStorage files = new InMemoryStorage();
  private final List<NDManager> managers = new ArrayList<>();
  private final List<TokenFlexModel> models = new ArrayList<>();
  private final List<AdamW> optimizers = new ArrayList<>();

  @BeforeEach
  void openModels() {
    for (int rank = 0; rank < 2; rank++) {
      NDManager manager = NDManager.newBaseManager("PyTorch");
      TokenFlexModel model =
          TokenFlexModel.create(manager, CheckpointsFixture.MODEL, ComputeType.FP32);
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
    save(checkpoints, step, group, new Checkpoints.Limits(LIMIT, LIMIT), new byte[100]);
  }

  private void save(
      Checkpoints checkpoints,
      long step,
      ProcessGroup group,
      Checkpoints.Limits limits,
      byte[] modelConfig)
      throws IOException {
    checkpoints.save(
        new TrainState(step, 2, 7, 4, 8, 2, "data", "weighted", List.of("all"), "", ""),
        models.get(group.rank()),
        optimizers.get(group.rank()),
        Map.of(ModelFiles.CONFIG, modelConfig),
        group,
        limits);
  }

  /** Both ranks save; what became of each, empty if it is done. */
  private List<String> save(long step, Storage first, Storage second) {
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
    InMemoryStorage stale = new InMemoryStorage();
    Storage listingStale = new StaleListing(files, stale);
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
                            new Checkpoints(group.rank() == 0 ? files : new InMemoryStorage(), 1),
                            group)))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("Rank 1 cannot open checkpoint memory:step-00000005");
  }

  @Test
  void aRankThatOpensAnotherCheckpointUnderTheSameNameStopsAll() {
    save(5, files, files);
    InMemoryStorage others = new InMemoryStorage();
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
    assertThat(files.list("")).isEmpty();
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
    assertThat(files.list("")).isEmpty();
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
          assertThat(files.list(""))
              .as(as + ": what is not published is gone")
              .filteredOn(CheckpointCatalog::isStep)
              .allMatch(name -> files.list(name).contains(CheckpointManifest.FILE_NAME));
          step++;
          if (found < step) {
            save(step, files, files);
          }
        }
      }
    }
  }

  @Test
  void aManifestThatIsNotWrittenInTimeFreesTheOtherRankAndIsNeverPublished() throws IOException {
    save(1, files, files);
    CountDownLatch gaveUp = new CountDownLatch(1);
    List<SortedMap<String, Integer>> published = new ArrayList<>();
    Storage stuck =
        new StuckAtManifest(
            files,
            () -> {
              await(gaveUp); // rank 1 waits no longer, though rank 0 is still at it
              published.add(saveByNextAttempt(2));
            });
    Checkpoints.Limits limits = new Checkpoints.Limits(LIMIT, Duration.ofMillis(200));
    List<String> outcomes =
        Ranks.run(
            2,
            group -> {
              Checkpoints checkpoints = new Checkpoints(group.rank() == 0 ? stuck : files, 1);
              try {
                save(checkpoints, 2, group, limits, new byte[100]);
                return "saved";
              } catch (IOException | CollectiveException e) {
                return e.getMessage();
              } finally {
                if (group.rank() == 1) {
                  gaveUp.countDown();
                }
              }
            });
    assertThat(outcomes.get(1))
        .isEqualTo(
            "Rank 0 failed while writing the manifest of checkpoint memory:step-00000002: it needs"
                + " longer than train.collectiveTimeout = PT0.2S; raise it, or look at what makes"
                + " the storage slow");
    assertThat(outcomes.get(0)).as("of the late one").isNotEqualTo("saved");
    assertThat(published).as("what the next attempt published meanwhile").hasSize(1);
    assertThat(CheckpointFaultsTest.publishedFiles(files)).isEqualTo(published.get(0));
    assertThat(published.get(0).keySet())
        .as("the step was saved again under its name")
        .contains("step-00000002/manifest.json");
    assertThat(files.list("")).as("and under no other").noneMatch(name -> name.length() > 13);
  }

  @Test
  void aRankThatIsReplacedAtAnyCallChangesNothingOfWhatIsPublished() throws IOException {
    save(1, files, files);
    List<Integer> numCalls = new ArrayList<>();
    FailingStorage first = new FailingStorage(files.copy());
    FailingStorage second = new FailingStorage(files.copy());
    save(2, first, first);
    numCalls.add(first.calls().size());
    save(2, second, second);
    numCalls.add(second.calls().size() / 4);
    int savedAgain = 0;
    for (int rank = 0; rank < 2; rank++) {
      for (int call = 2; call <= numCalls.get(rank); call += 3) {
        InMemoryStorage memory = files.copy();
        List<SortedMap<String, Integer>> published = new ArrayList<>();
        FailingStorage late = new FailingStorage(memory);
        late.pauseAt(call, () -> published.add(saveByLaterAttempts(memory, 2)));
        save(2, rank == 0 ? late : memory, rank == 0 ? memory : late);
        if (published.isEmpty()) {
          continue; // so many calls there are only where rank 1 waited long
        }
        SortedMap<String, Integer> saved = published.get(0);
        saved.keySet().removeIf(file -> file.startsWith("step-00000001")); // need not stay
        // What a rank of the replaced attempt adds under another name, then or later, is not read.
        for (String file : List.copyOf(saved.keySet())) {
          String name = file.substring(file.indexOf('/') + 1);
          String manifest =
              textOf(memory, CheckpointCatalog.manifestOf(file.substring(0, file.indexOf('/'))));
          if (name.startsWith("optimizer-") && !manifest.isEmpty() && !manifest.contains(name)) {
            saved.remove(file);
          }
        }
        SortedMap<String, Integer> left = CheckpointFaultsTest.publishedFiles(memory);
        left.keySet().retainAll(saved.keySet());
        assertThat(left).as("rank %d, call %d", rank, call).isEqualTo(saved);
        savedAgain += left.containsKey("step-00000002/manifest.json") ? 1 : 0;
      }
    }
    assertThat(savedAgain).as("steps saved again under their name").isGreaterThan(10);
  }

  /** Empty if the file is not there. */
  private static String textOf(InMemoryStorage memory, String file) throws IOException {
    if (!memory.hashes().containsKey(file)) {
      return "";
    }
    try (InputStream in = memory.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The next attempt that meets no file which a rank of the replaced one has just written. */
  private SortedMap<String, Integer> saveByLaterAttempts(InMemoryStorage memory, long step) {
    for (int i = 0; ; i++) {
      try {
        Checkpoints next = new Checkpoints(memory, 1);
        next.begin();
        if (next.latest().orElseThrow().manifest().step() < step) {
          save(
              next,
              step,
              new SingleProcessGroup(),
              new Checkpoints.Limits(LIMIT, LIMIT),
              new byte[101]);
        }
        return CheckpointFaultsTest.publishedFiles(memory);
      } catch (IOException e) {
        if (i == 5 || !e.getMessage().contains("is there already")) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).as("rank 1 gave up").isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Saves a step with other files than the attempt before would; what is published then. */
  private SortedMap<String, Integer> saveByNextAttempt(long step) {
    try {
      Checkpoints next = new Checkpoints(files, 1);
      next.begin();
      save(
          next,
          step,
          new SingleProcessGroup(),
          new Checkpoints.Limits(LIMIT, LIMIT),
          new byte[101]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return CheckpointFaultsTest.publishedFiles(files);
  }

  /** Does not answer when a manifest is to be written, until something has happened. */
  private static final class StuckAtManifest extends ForwardingStorage {
    private final Runnable meanwhile;
    private boolean met;

    StuckAtManifest(Storage files, Runnable meanwhile) {
      super(files);
      this.meanwhile = meanwhile;
    }

    @Override
    public boolean createUnlessTaken(String file, byte[] content) throws IOException {
      if (file.matches("\\.saves/step-00000002/\\d{12}/manifest\\.json") && !met) {
        met = true;
        meanwhile.run();
      }
      return super.createUnlessTaken(file, content);
    }
  }

  /** Files of one storage under the listing of another. */
  private static final class StaleListing extends ForwardingStorage {
    private final Storage listed;

    StaleListing(Storage files, Storage listed) {
      super(files);
      this.listed = listed;
    }

    @Override
    public List<String> list(String folder) throws IOException {
      return listed.list(folder);
    }
  }
}
