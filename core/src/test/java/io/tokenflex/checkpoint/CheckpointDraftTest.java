package io.tokenflex.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.storage.ForwardingStorage;
import io.tokenflex.storage.InMemoryStorage;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Saving without ranks that talk: parts, names, the manifest. */
class CheckpointDraftTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final InMemoryStorage files = new InMemoryStorage();
  private final CheckpointCatalog catalog = new CheckpointCatalog(files);

  private static WriterAttempt attempt(long number) {
    return new WriterAttempt(WriterIdentity.ofThisProcess(), number);
  }

  /** Writes a file of one byte as a rank does. */
  private CheckpointManifest.Entry write(CheckpointDraft draft, String name) throws IOException {
    try (OutputStream out = files.create(draft.folder() + "/" + name)) {
      out.write(1);
    }
    return new CheckpointManifest.Entry(name, 1, "00");
  }

  private CheckpointDraft complete(long step, long attempt) throws IOException {
    CheckpointDraft draft = CheckpointDraft.begin(files, step, attempt(attempt));
    draft.complete(step, List.of(write(draft, "model"), write(draft, "adapter/weights")));
    return draft;
  }

  @Test
  void partsAreAwaitedAndGivenInTheOrderOfRanks() throws Exception {
    CheckpointDraft draft = CheckpointDraft.begin(files, 5, attempt(1));
    draft.report(2, 3, List.of(write(draft, "c")));
    ExecutorService publisher = Executors.newSingleThreadExecutor();
    try {
      Future<List<CheckpointManifest.Entry>> parts =
          publisher.submit(() -> draft.awaitParts(3, LIMIT, () -> {}));
      CheckpointDraft othersView = CheckpointDraft.in(files, draft.folder(), 1);
      othersView.report(1, 3, List.of(write(draft, "b")));
      othersView.report(0, 3, List.of(write(draft, "a1"), write(draft, "a2")));
      assertThat(parts.get(1, TimeUnit.MINUTES))
          .extracting(CheckpointManifest.Entry::name)
          .containsExactly("a1", "a2", "b", "c");
    } finally {
      publisher.shutdownNow();
    }
    assertThat(catalog.publishedFolders()).isEmpty();
  }

  @Test
  void ranksThatDoNotReportInTimeAreNamed() throws IOException {
    CheckpointDraft draft = CheckpointDraft.begin(files, 5, attempt(1));
    draft.report(1, 3, List.of());
    assertThatThrownBy(() -> draft.awaitParts(3, Duration.ofMillis(20), () -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Ranks [0, 2] have not written their parts of checkpoint")
        .hasMessageContaining("memory:step-00000005 within train.checkpointTimeout = PT0.02S");
  }

  @Test
  void aWaitThatHasBecomePointlessEnds() throws IOException {
    CheckpointDraft draft = CheckpointDraft.begin(files, 5, attempt(1));
    assertThatThrownBy(
            () ->
                draft.awaitParts(
                    1,
                    LIMIT,
                    () -> {
                      throw new IllegalStateException("rank 1 died");
                    }))
        .hasMessage("rank 1 died");
  }

  @Test
  void aDraftIsACheckpointWhenItsManifestIsThereWhoeverPutsItThere() throws IOException {
    CheckpointDraft draft = complete(5, 1);
    assertThat(catalog.latest()).isEmpty();
    assertThat(CheckpointDraft.lastIn(files, "step-00000005", 7).finish()).isTrue();
    draft.publish();
    assertThat(catalog.latest().orElseThrow().manifest().files())
        .extracting(CheckpointManifest.Entry::name)
        .containsExactly("model", "adapter/weights");
  }

  /** The first attempt broke while it saved; the second has begun and removed what that left. */
  private CheckpointDraft brokenAndRemoved() throws IOException {
    begin(1);
    CheckpointDraft broken = CheckpointDraft.begin(files, 5, attempt(1));
    write(broken, "model");
    broken.report(0, 1, List.of());
    begin(2);
    DraftRemovals removals = new DraftRemovals(files);
    removals.begin(2);
    broken.discard();
    removals.end(2);
    assertThat(files.list("step-00000005")).isEmpty();
    return broken;
  }

  private void begin(long attempt) throws IOException {
    WriterIdentity writer = WriterIdentity.ofThisProcess();
    assertThat(new WriterLog(files).append(WriterRecord.begin(attempt, writer))).isTrue();
  }

  @Test
  void aStepIsSavedAgainUnderItsName() throws IOException {
    CheckpointDraft broken = brokenAndRemoved();
    CheckpointDraft next = complete(5, 2);
    assertThat(next.folder()).isEqualTo("step-00000005");
    broken.report(1, 2, List.of()); // by ranks that wake up late
    assertThatThrownBy(() -> write(broken, "model")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> next.awaitParts(2, Duration.ofMillis(20), () -> {}))
        .as("late reports do not mix with those of the next attempt")
        .hasMessageContaining("Ranks [0, 1] have not written");
    next.publish();
    assertThat(catalog.publishedFolders()).containsExactly("step-00000005");
  }

  @Test
  void whereADeletionMayStillBeUnderWayAnotherNameIsTaken() throws IOException {
    brokenAndRemoved();
    files.delete(CheckpointCatalog.WRITER + "/000000000002.removed");
    CheckpointDraft next = complete(5, 2);
    assertThat(next.folder()).matches("step-00000005-[0-9a-f]{16}");
    next.publish();
    assertThat(catalog.publishedFolders()).containsExactly(next.folder());
    assertThat(catalog.latestStep()).isEqualTo(5);
    assertThat(catalog.find("step-00000005")).contains(next.folder());
    assertThatThrownBy(() -> CheckpointDraft.begin(files, 5, attempt(3)))
        .hasMessageContaining(next.folder() + " is published already");
  }

  @Test
  void whereRecordsAreGoneOrOfAnEarlierVersionAnotherNameIsTaken() throws IOException {
    brokenAndRemoved();
    WriterIdentity writer = WriterIdentity.ofThisProcess();
    String record = CheckpointCatalog.WRITER + "/000000000002.json";
    files.delete(record);
    assertThat(complete(5, 2).folder()).as("without record").isNotEqualTo("step-00000005");
    WriterRecord earlier =
        new WriterRecord(2, WriterRecord.Act.BEGIN, writer, "", "", "2026-11-29T07:26:27Z");
    files.replace(record, new ObjectMapper().writeValueAsBytes(earlier));
    assertThat(complete(5, 2).folder()).as("earlier version").isNotEqualTo("step-00000005");
  }

  @Test
  void whereALateWriterMayReplaceFilesANameBelongsToOneAttemptForGood() throws IOException {
    Storage replacing =
        new ForwardingStorage(files) {
          @Override
          public boolean createNeverReplaces() {
            return false;
          }
        };
    begin(1);
    CheckpointDraft first = CheckpointDraft.begin(replacing, 5, attempt(1));
    assertThat(first.folder()).isEqualTo("step-00000005");
    begin(2);
    assertThat(CheckpointDraft.begin(replacing, 5, attempt(2)).folder())
        .matches("step-00000005-[0-9a-f]{16}");
    assertThat(CheckpointDraft.begin(files, 5, attempt(2)).folder())
        .as("also where it would be another's elsewhere")
        .matches("step-00000005-[0-9a-f]{16}");
  }

  @Test
  void aFolderWhoseManifestMayStillComeIsNotUsedAgain() throws IOException {
    begin(1);
    CheckpointDraft announced = complete(5, 1);
    files.delete("step-00000005/model");
    assertThat(announced.finish()).isFalse();
    begin(2);
    announced.discard();
    assertThat(complete(5, 2).folder()).matches("step-00000005-[0-9a-f]{16}");
  }

  @Test
  void whatAnEarlierVersionAnnouncedIsPublishedByTheNextAttempt() throws IOException {
    CheckpointDraft draft = complete(5, 1);
    String save = CheckpointCatalog.saveOf("step-00000005");
    for (String file : List.of("attempt.json", "manifest.json")) {
      files.replace(save + "/" + file, read(save + "/000000000001/" + file));
    }
    files.delete(save + "/000000000001");
    assertThat(new WriterLog(files).append(announced(draft))).isTrue();
    Checkpoints next = new Checkpoints(files, 2);
    next.begin();
    assertThat(next.latest().orElseThrow().folder()).isEqualTo("step-00000005");
  }

  @Test
  void aFolderThatNobodyClaimsIsNotWrittenInto() throws IOException {
    files.replace("step-00000005/model", new byte[3]);
    assertThat(CheckpointDraft.begin(files, 5, attempt(1)).folder())
        .matches("step-00000005-[0-9a-f]{16}");
  }

  @Test
  void whatWasAnnouncedIsPublishedByTheNextAttempt() throws IOException {
    CheckpointDraft draft = complete(5, 1);
    assertThat(new WriterLog(files).append(announced(draft))).isTrue();
    Checkpoints next = new Checkpoints(files, 2);
    next.begin();
    assertThat(next.latest().orElseThrow().folder()).isEqualTo("step-00000005");
    assertThat(files.list(CheckpointCatalog.SAVES)).as("is done with").isEmpty();
  }

  @Test
  void whatWasOnlyCompleteIsRemovedByTheNextAttempt() throws IOException {
    complete(5, 0);
    Checkpoints next = new Checkpoints(files, 2);
    next.begin();
    assertThat(next.latest()).isEmpty();
    assertThat(files.list("step-00000005")).isEmpty();
  }

  private static WriterRecord announced(CheckpointDraft draft) {
    return WriterRecord.publish(1, WriterIdentity.ofThisProcess(), draft.folder());
  }

  @Test
  void aCheckpointThatSomebodyRemovedByHandDoesNotComeBack() throws IOException {
    CheckpointDraft draft = complete(5, 1);
    assertThat(new WriterLog(files).append(announced(draft))).isTrue();
    draft.publish();
    files.delete("step-00000005");
    Checkpoints next = new Checkpoints(files, 2);
    next.begin();
    assertThat(next.latest()).isEmpty();
  }

  @Test
  void theManifestOfARemovedCheckpointThatComesLateIsTakenBack() throws IOException {
    CheckpointDraft draft = complete(5, 1);
    draft.publish();
    assertThat(draft.takeBackIfRemoved()).isFalse();
    byte[] manifest = read("step-00000005/manifest.json");
    files.delete("step-00000005");
    assertThat(draft.takeBackIfRemoved()).isTrue();
    files.replace("step-00000005/manifest.json", manifest);
    assertThat(draft.takeBackIfRemoved()).isTrue();
    assertThat(catalog.publishedFolders()).isEmpty();
  }

  private byte[] read(String file) throws IOException {
    try (InputStream in = files.open(file)) {
      return in.readAllBytes();
    }
  }

  @Test
  void whatHoldsAnotherManifestIsNotTouched() throws IOException {
    CheckpointDraft draft = complete(5, 1);
    files.replace("step-00000005/manifest.json", "{}".getBytes(UTF_8));
    assertThatThrownBy(draft::publish)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("step-00000005/manifest.json holds what this attempt did not write");
    assertThat(read("step-00000005/manifest.json")).isEqualTo("{}".getBytes(UTF_8));
  }

  @Test
  void pathsAreToldFromCheckpointsNames() {
    assertThat(CheckpointCatalog.nameIn("/runs/a/checkpoints/step-00000005/"))
        .contains("step-00000005");
    assertThat(CheckpointCatalog.nameIn("s3a://b/step-00000005-0123456789abcdef"))
        .contains("step-00000005-0123456789abcdef");
    for (String other : List.of("/models/qwen", "step-5/adapter", "/", "", "step-x")) {
      assertThat(CheckpointCatalog.nameIn(other)).as(other).isEqualTo(Optional.empty());
    }
  }
}
