package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebDatasetFormatTest {
  @TempDir Path folder;

  private Path tar(String... namesAndContents) throws IOException {
    Path path = folder.resolve("shard.tar");
    try (OutputStream file = Files.newOutputStream(path);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(file, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      for (int i = 0; i < namesAndContents.length; i += 2) {
        byte[] content = namesAndContents[i + 1].getBytes(StandardCharsets.ISO_8859_1);
        TarArchiveEntry entry = new TarArchiveEntry(namesAndContents[i]);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return path;
  }

  private Path cut(Path path, int length) throws IOException {
    return Files.write(folder.resolve("cut.tar"), Arrays.copyOf(Files.readAllBytes(path), length));
  }

  @Test
  void namesLongerThanAHeaderHoldsAreWhole() throws IOException {
    String key = "folder/".repeat(40) + "key";
    List<ReadRecord> records =
        SourceReading.readAll(tar(key + ".jpg", "x", key + ".txt", "a caption"));
    assertThat(SourceReading.parsedIds(records)).containsExactly(key);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 511, 513, 1023, 1024, 1500, 2048, 2100, 2560})
  void aCutTarGivesTheWholeSamplesBeforeTheCut(int length) throws IOException {
    // Members at 0, 1024, 2048, 3072, each a header and a record of content.
    Path whole = tar("a.jpg", "x".repeat(512), "a.txt", "A", "b.jpg", "y", "b.txt", "B");
    List<ReadRecord> records = SourceReading.readAll(cut(whole, length));

    ReadRecord last = records.get(records.size() - 1);
    SourceReading.malformed(last, RejectReason.UNREADABLE_FILE);
    assertThat(SourceReading.parsedIds(records))
        .isEqualTo(length >= 2048 ? List.of("a") : List.of());
  }

  @Test
  void aTarCutBetweenMembersIsNoticed() throws IOException {
    Path whole = tar("a.jpg", "x", "a.txt", "A", "b.jpg", "y", "b.txt", "B");
    List<ReadRecord> records = SourceReading.readAll(cut(whole, 2048));
    assertThat(SourceReading.parsedIds(records)).containsExactly("a");
    assertThat(SourceReading.malformed(records.get(1), RejectReason.UNREADABLE_FILE).detail())
        .contains("a.txt");
  }

  @Test
  void aCutGzipIsNoticed() throws IOException {
    byte[] whole = Files.readAllBytes(SourceFixturesTest.fixture("captions.tar.gz"));
    Path cut = Files.write(folder.resolve("c.tar.gz"), Arrays.copyOf(whole, whole.length / 2));
    List<ReadRecord> records = SourceReading.readAll(cut);
    SourceReading.malformed(records.get(records.size() - 1), RejectReason.UNREADABLE_FILE);
  }

  @Test
  void garbageAndNothingAreUnreadableFiles() throws IOException {
    for (byte[] content :
        List.of(new byte[0], "no tar at all".repeat(200).getBytes(StandardCharsets.UTF_8))) {
      List<ReadRecord> records =
          SourceReading.readAll(Files.write(folder.resolve("g.tar"), content));
      assertThat(records).hasSize(1);
      assertThat(records.get(0).position()).isZero();
      SourceReading.malformed(records.get(0), RejectReason.UNREADABLE_FILE);
    }
  }

  @Test
  void anArchiveOfNothingHoldsNothing() throws IOException {
    assertThat(SourceReading.readAll(tar())).isEmpty();
  }

  @Test
  void brokenSamplesCostOnlyThemselves() throws IOException {
    List<ReadRecord> records =
        SourceReading.readAll(
            tar(
                "0.jpg",
                "x",
                "0.txt",
                "zero",
                "1.jpg",
                "x",
                "2.jpg",
                "x",
                "2.json",
                "{\"caption\":",
                "3.jpg",
                "x",
                "3.json",
                "[1]",
                "4.jpg",
                "x",
                "4.txt",
                "\u00ff\u00fe",
                "5.jpg",
                "x",
                "5.jpg",
                "y",
                "5.txt",
                "five",
                "6.png",
                "x",
                "6.json",
                "{\"conversations\": [{\"from\": \"robot\", \"value\": \"v\"}]}",
                "README",
                "no key",
                ".hidden.txt",
                "x",
                "__meta__.json__",
                "{}",
                "7.JPG",
                "x",
                "7.txt",
                "seven"));
    SourceReading.malformed(records.get(1), RejectReason.MISSING_CONVERSATION);
    SourceReading.malformed(records.get(2), RejectReason.MALFORMED_RECORD);
    SourceReading.malformed(records.get(3), RejectReason.MALFORMED_RECORD);
    SourceReading.malformed(records.get(4), RejectReason.INVALID_TEXT);
    assertThat(SourceReading.malformed(records.get(5), RejectReason.MALFORMED_RECORD).id())
        .isEqualTo("5");
    SourceReading.malformed(records.get(6), RejectReason.UNKNOWN_ROLE);
    assertThat(SourceReading.parsedIds(records)).containsExactly("0", "7");
    assertThat(records)
        .extracting(ReadRecord::position)
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
  }

  @Test
  void recordsThatOnlyNameTheirImagesKeepTheNames() throws IOException {
    List<ReadRecord> records =
        SourceReading.readAll(tar("0.json", "{\"image\": \"a/b.jpg\", \"caption\": \"c\"}"));
    assertThat(SourceReading.parsed(records.get(0)).images())
        .containsExactly(new SourceImage.Named("a/b.jpg"));
  }

  @Test
  void aMemberOfMoreThanAGibibyteIsRefusedUnread() throws IOException {
    TarSample sample = new TarSample("k", false, SourceReading.OPTIONS);
    // Reading it would fail: there is nothing.
    sample.add("jpg", (1L << 30) + 1, InputStream.nullInputStream());
    SourceReading.malformed(sample.toRecord(0), RejectReason.IMAGE_FILE_TOO_LARGE);
  }

  @Test
  void aFailingStorageIsNoDamage() throws IOException {
    Path whole = tar("a.jpg", "x", "a.txt", "A");
    SourceFile file = FailingFiles.failingAt(600, whole);
    assertThatThrownBy(
            () ->
                new WebDatasetFormat()
                    .read(file, new SourceSplit(0, 0, -1), SourceReading.OPTIONS, record -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the disk is gone");
  }
}
