package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowGroupPagesTest {
  private static final MessageType TABLE =
      MessageTypeParser.parseMessageType(
          "message m {"
              + "optional group images (LIST) { repeated group list { optional group element {"
              + " optional binary bytes; optional binary path (STRING); } } }"
              + "required binary question (STRING); required binary answer (STRING);"
              + "optional binary kind (STRING); optional int64 number; }");

  @TempDir Path folder;

  private record Row(List<byte[]> images, String question, String kind, Long number) {}

  /** Rows of one row group, in which values of {@code kind} repeat and others do not. */
  private static List<Row> rows(Random random, int numRows, int imageBytes) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < numRows; i++) {
      List<byte[]> images = new ArrayList<>();
      for (int k = 1 + random.nextInt(3); k > 0; k--) {
        byte[] image = new byte[1 + random.nextInt(imageBytes)];
        random.nextBytes(image);
        images.add(image);
      }
      rows.add(
          new Row(
              images,
              "question " + i,
              random.nextBoolean() ? "kind " + random.nextInt(4) : null,
              random.nextInt(5) == 0 ? null : random.nextLong()));
    }
    return rows;
  }

  private Path write(
      List<Row> rows, WriterVersion version, CompressionCodecName codec, long rowGroupBytes)
      throws IOException {
    Path path = Files.createTempFile(folder, "rows", ".parquet");
    Files.delete(path);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(path))
            .withType(TABLE)
            .withWriterVersion(version)
            .withCompressionCodec(codec)
            .withPageSize(4096)
            .withPageRowCountLimit(50)
            .withMinRowCountForPageSizeCheck(10)
            .withDictionaryPageSize(2048)
            .withRowGroupSize(rowGroupBytes)
            .build()) {
      for (Row row : rows) {
        Group group = new SimpleGroup(TABLE);
        Group list = group.addGroup("images");
        for (byte[] image : row.images()) {
          list.addGroup("list")
              .addGroup("element")
              .append("bytes", Binary.fromConstantByteArray(image));
        }
        group.append("question", row.question()).append("answer", "a");
        if (row.kind() != null) {
          group.append("kind", row.kind());
        }
        if (row.number() != null) {
          group.append("number", row.number());
        }
        writer.write(group);
      }
    }
    return path;
  }

  @ParameterizedTest
  @CsvSource({
    "PARQUET_1_0, UNCOMPRESSED", "PARQUET_1_0, SNAPPY", "PARQUET_1_0, ZSTD",
    "PARQUET_2_0, UNCOMPRESSED", "PARQUET_2_0, SNAPPY", "PARQUET_2_0, GZIP"
  })
  void pagesOfAnyKindGiveTheRowsThatWereWritten(WriterVersion version, CompressionCodecName codec)
      throws IOException {
    List<Row> rows = rows(new Random(5), 400, 300);
    List<ReadRecord> records = SourceReading.readAll(write(rows, version, codec, 1 << 30));
    assertThat(records).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      SourceRecord record = SourceReading.parsed(records.get(i));
      Row row = rows.get(i);
      assertThat(record.images()).as("row %d", i).hasSameSizeAs(row.images());
      for (int k = 0; k < row.images().size(); k++) {
        assertThat(((SourceImage.Embedded) record.images().get(k)).bytes())
            .isEqualTo(row.images().get(k));
      }
      assertThat(record.conversation().get(0).text()).endsWith(row.question());
      assertThat(record.metadata().get("kind")).isEqualTo(row.kind());
      assertThat(record.metadata().get("number"))
          .isEqualTo(row.number() == null ? null : row.number().toString());
    }
  }

  @Test
  void rowsComeBeforeTheRowGroupIsRead() throws IOException {
    List<Row> rows = rows(new Random(6), 300, 40_000);
    Path path = write(rows, WriterVersion.PARQUET_1_0, CompressionCodecName.UNCOMPRESSED, 1 << 30);
    SourceSplit split = new SourceSplit(0, 0, rows.size());
    long length = Files.size(path);
    assertThat(length).isGreaterThan(8 << 20);
    // The storage gives the footer and the first half of the pictures, then fails.
    SourceFile file = FailingFiles.failingBetween(length / 2, length - (1 << 20), path);
    List<ReadRecord> records = new ArrayList<>();
    assertThatThrownBy(
            () -> new ParquetFormat().read(file, split, SourceReading.OPTIONS, records::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the disk is gone");
    assertThat(records).hasSizeBetween(100, 200).allMatch(ReadRecord.Parsed.class::isInstance);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverByteIsWrongEveryRowIsReadOrCountedAsLost(long seed) throws IOException {
    Random random = new Random(seed);
    List<Row> rows = rows(random, 200, 200);
    byte[] whole =
        Files.readAllBytes(
            write(
                rows,
                random.nextBoolean() ? WriterVersion.PARQUET_1_0 : WriterVersion.PARQUET_2_0,
                random.nextBoolean()
                    ? CompressionCodecName.SNAPPY
                    : CompressionCodecName.UNCOMPRESSED,
                20_000));
    Path path = folder.resolve("damaged.parquet");
    for (int i = 0; i < 25; i++) {
      byte[] damaged = whole.clone();
      int at = 4 + random.nextInt(whole.length - 12);
      int length = Math.min(1 + random.nextInt(64), whole.length - 8 - at);
      byte[] garbage = new byte[length];
      random.nextBytes(garbage);
      System.arraycopy(garbage, 0, damaged, at, length);
      List<ReadRecord> records =
          SourceReading.readAll(
              Files.write(path, damaged),
              new SourceOptions("?", Map.of("number", "kind")).withTextOnly(true));
      long numRows = 0;
      boolean isFileLost = false;
      for (ReadRecord record : records) {
        LostPart lost =
            record instanceof ReadRecord.Malformed malformed
                ? malformed.lost()
                : LostPart.ONE_RECORD;
        numRows += lost.records();
        isFileLost |= lost.isFile();
      }
      if (!isFileLost) {
        assertThat(numRows).as("seed %d, %d bytes at %d", seed, length, at).isEqualTo(rows.size());
      }
    }
  }

  @Test
  void aRowGroupOfNoRowsHoldsNothing() throws IOException {
    assertThat(SourceReading.readAll(SourceFixturesTest.fixture("no-rows.parquet"))).isEmpty();
  }
}
