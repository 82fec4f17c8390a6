package io.tokenflex.dataprep.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.dataset.Manifest.InputIdentity;
import io.tokenflex.dataprep.input.ReadCounts.OfSplit;
import io.tokenflex.dataprep.record.CheckedRecord;
import io.tokenflex.dataprep.record.CheckedRecord.Rejected;
import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.record.Place;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.source.SourceFormats;
import io.tokenflex.dataprep.source.SourceSplit;
import io.tokenflex.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReadCountsTest {
  private final List<PlannedSplit> splits = new ArrayList<>();
  private final List<OfSplit> counts = new ArrayList<>();

  /** A file of one split. */
  private void file(String format, long bytes, long planned, LostPart... parts) {
    int number = splits.size();
    InputFile file =
        new InputFile(
            number,
            InputConfig.of("file:/in", ""),
            new InputIdentity("file:/in/" + number, bytes, 0, "", null),
            SourceFormats.named(format));
    splits.add(new PlannedSplit(number, file, new SourceSplit(0, 0, planned)));
    List<CheckedRecord> checked = new ArrayList<>();
    for (LostPart part : parts) {
      checked.add(
          new Rejected(
              new Place(number, 0), "", "", RejectReason.UNREADABLE_FILE, "detail", "", part));
    }
    OfSplit.of(number, checked.iterator()).forEachRemaining(counts::add);
  }

  private static LostPart[] records(int count) {
    LostPart[] parts = new LostPart[count];
    Arrays.fill(parts, LostPart.ONE_RECORD);
    return parts;
  }

  private static LostPart[] recordsAnd(int count, LostPart last) {
    LostPart[] parts = records(count + 1);
    parts[count] = last;
    return parts;
  }

  private ReadCounts read() {
    return ReadCounts.of(counts, splits, Map.of());
  }

  @Test
  void rowsThatCannotBeReadCountWithTheirNumber() {
    file("parquet", 1000, 100, records(100));
    file("parquet", 1000, 100, recordsAnd(40, LostPart.ofRecords(60)));
    assertThat(read().numRead()).isEqualTo(200);
    assertThat(read().numUnread()).isZero();
  }

  @Test
  void bytesOfUnknownContentsAreJudgedByTheRecordsOfTheSameFormat() {
    file("csv", 1000, SourceSplit.UNKNOWN, records(100));
    file("csv", 1000, SourceSplit.UNKNOWN, recordsAnd(49, LostPart.ofBytes(500)));
    file("webdataset", 1_000_000, SourceSplit.UNKNOWN, records(7));
    assertThat(read().numRead()).isEqualTo(157);
    assertThat(read().numUnread()).isEqualTo(500.0 * 150 / 1500);
  }

  @Test
  void aFileThatIsCutOffIsTakenToHaveBeenAsLongAsTheOthers() {
    file("webdataset", 3000, SourceSplit.UNKNOWN, records(30));
    file("webdataset", 5000, SourceSplit.UNKNOWN, records(49));
    file("webdataset", 10, SourceSplit.UNKNOWN, LostPart.FILE);
    assertThat(read().numUnread()).isEqualTo(4000.0 * 80 / 8000);
  }

  @Test
  void ofTheOnlyFileNobodyKnowsHowMuchIsMissing() {
    file("webdataset", 3000, SourceSplit.UNKNOWN, recordsAnd(30, LostPart.FILE));
    file("csv", 3000, 3, records(3));
    assertThat(read().numUnread()).isInfinite();
  }

  @Test
  void aSplitThatGivesAnotherNumberThanPlannedIsRefused() {
    file("csv", 1000, 3, records(3));
    file("csv", 1000, 3, records(2));
    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(
            "file:/in/1: 3 records from record 0 on (offset 0) were counted, but")
        .hasMessageContaining("2 were read");
  }

  @Test
  void recordsThatTheDatasetHoldsCountAsRead() {
    file("csv", 1000, 3, records(2));
    BitSet present = new BitSet();
    present.set(1);
    assertThat(
            ReadCounts.of(counts, splits, Map.of(0, new HeldRecords(present, Map.of()))).numRead())
        .isEqualTo(3);
  }
}
