package io.tokenflex.dataprep.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.order.ShuffleKey;
import io.tokenflex.dataprep.record.CheckedRecord;
import io.tokenflex.dataprep.record.CheckedRecord.Accepted;
import io.tokenflex.dataprep.record.CheckedRecord.Rejected;
import io.tokenflex.dataprep.record.Place;
import io.tokenflex.dataprep.record.RecordIds;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceRecord;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Turn;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.Optional;
import org.junit.jupiter.api.Test;
import scala.Tuple2;

class UniqueIdsTest {
  private final List<Tuple2<ShuffleKey, Optional<Accepted>>> claims = new ArrayList<>();

  private static SourceRecord source(String id, String answer) {
    return new SourceRecord(
        id,
        List.of(),
        List.of(new Turn(Role.USER, "q"), new Turn(Role.ASSISTANT, answer)),
        Map.of());
  }

  private void record(String id, String answer, int heldCopies) {
    RecordIds.Identified identified = RecordIds.identify(source(id, answer), "");
    Place place = new Place(0, claims.size());
    Accepted accepted =
        new Accepted(
            place,
            "file:/in",
            identified.record().id(),
            List.of(),
            identified.record().conversation(),
            Map.of(),
            identified.digest(),
            heldCopies);
    claims.add(new Tuple2<>(ShuffleKey.of(7, accepted.id(), place), Optional.of(accepted)));
  }

  private void held(String id) {
    claims.add(new Tuple2<>(ShuffleKey.ofPresent(7, id), Optional.empty()));
  }

  private List<CheckedRecord> judge(DuplicateIds duplicateIds) {
    claims.sort(Comparator.comparing(claim -> claim._1()));
    List<CheckedRecord> judged = new ArrayList<>();
    UniqueIds.judge(duplicateIds, claims.iterator()).forEachRemaining(judged::add);
    judged.sort(Comparator.comparing(CheckedRecord::place));
    return judged;
  }

  private static List<String> ids(List<CheckedRecord> judged) {
    return judged.stream().map(record -> ((Accepted) record).id()).toList();
  }

  private static String digits(String id, String answer) {
    return RecordIds.identify(source(id, answer), "").digest().substring(16, 32);
  }

  @Test
  void theFirstOfAnIdIsKeptAndTheMessageNamesTheSetting() {
    record("a", "1", 0);
    record("b", "1", 0);
    record("a", "2", 0);
    held("c");
    record("c", "1", 0);
    List<CheckedRecord> judged = judge(DuplicateIds.REJECT);
    assertThat(judged).filteredOn(Accepted.class::isInstance).hasSize(2);
    assertThat(judged)
        .filteredOn(Rejected.class::isInstance)
        .hasSize(2)
        .allSatisfy(
            record -> {
              Rejected rejected = (Rejected) record;
              assertThat(rejected.reason()).isEqualTo(RejectReason.DUPLICATE_ID);
              assertThat(rejected.detail()).contains("prepare.duplicateIds = number");
            });
  }

  @Test
  void numberedIdsTellTheirContentsWhateverStandsBeforeThem() {
    record("a", "1", 0);
    record("a", "2", 0);
    record("a", "3", 0);
    assertThat(ids(judge(DuplicateIds.NUMBER)))
        .containsExactly("a", "a-" + digits("a", "2"), "a-" + digits("a", "3"));
    claims.clear();
    held("a");
    record("a", "3", 0);
    record("a", "2", 0);
    assertThat(ids(judge(DuplicateIds.NUMBER)))
        .containsExactly("a-" + digits("a", "3"), "a-" + digits("a", "2"));
  }

  @Test
  void copiesAreCountedOnFromThoseThatTheDatasetHolds() {
    record("a", "1", 0);
    record("a", "1", 0);
    record("a", "1", 0);
    String copy = "a-" + digits("a", "1");
    assertThat(ids(judge(DuplicateIds.NUMBER))).containsExactly("a", copy + "-2", copy + "-3");
    claims.clear();
    held("a");
    record("a", "1", 3);
    record("a", "1", 3);
    assertThat(ids(judge(DuplicateIds.NUMBER))).containsExactly(copy + "-4", copy + "-5");
  }

  @Test
  void equalRecordsWithoutIdsAreNumberedWhateverTheSetting() {
    for (DuplicateIds setting : DuplicateIds.values()) {
      claims.clear();
      record("", "1", 0);
      record("", "2", 0);
      record("", "1", 0);
      List<String> ids = ids(judge(setting));
      assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.startsWith("digest-"));
      assertThat(ids.get(2)).isEqualTo(ids.get(0) + "-2");
    }
  }

  @Test
  void noTwoSamplesOfAnyMixShareAnId() {
    Set<String> seen = new HashSet<>();
    for (int id = 0; id < 5; id++) {
      for (int content = 0; content < 40; content++) {
        record(id == 0 ? "" : "id" + id, "answer " + content % 30, 0);
      }
    }
    for (String id : ids(judge(DuplicateIds.NUMBER))) {
      assertThat(seen.add(id)).as(id).isTrue();
    }
    assertThat(seen).hasSize(200);
  }

  @Test
  void aPrefixTellsInputsApart() {
    RecordIds.Identified one = RecordIds.identify(source("", "1"), "one/");
    RecordIds.Identified two = RecordIds.identify(source("", "1"), "two/");
    assertThat(one.record().id()).startsWith("one/digest-").isNotEqualTo(two.record().id());
    assertThat(one.digest()).isNotEqualTo(two.digest());
    assertThat(RecordIds.isMadeUp(one.record().id())).isTrue();
    assertThat(RecordIds.isMadeUp("digest-of-a-book")).isFalse();
  }
}
