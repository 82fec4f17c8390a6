package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParquetFormatTest {
  @TempDir Path folder;

  private Path write(Group... rows) throws IOException {
    Path path = folder.resolve("rows.parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(path))
            .withType((MessageType) rows[0].getType())
            .build()) {
      for (Group row : rows) {
        writer.write(row);
      }
    }
    return path;
  }

  private static Group row(String fields) {
    return new SimpleGroup(MessageTypeParser.parseMessageType("message m {" + fields + "}"));
  }

  @Test
  void eachRowGroupIsASplit() throws IOException {
    SourceFile file = SourceReading.file(SourceFixturesTest.fixture("hf-conversations.parquet"));
    assertThat(new ParquetFormat().plan(file, SourceReading.OPTIONS))
        .containsExactly(
            new SourceSplit(0, 0, 3), new SourceSplit(1, 3, 3), new SourceSplit(2, 6, 1));
  }

  @Test
  void filesThatAreNotParquetAreOneRejectEach() throws IOException {
    byte[] whole = Files.readAllBytes(SourceFixturesTest.fixture("hf-conversations.parquet"));
    byte[] badLength = whole.clone();
    Arrays.fill(badLength, whole.length - 8, whole.length - 4, (byte) 0x7F);
    byte[] badFooter = whole.clone();
    Arrays.fill(badFooter, whole.length - 400, whole.length - 8, (byte) 0xA5);
    for (byte[] content :
        List.of(
            new byte[0],
            "PAR1".getBytes(StandardCharsets.US_ASCII),
            "garbage, garbage, garbage".getBytes(StandardCharsets.US_ASCII),
            Arrays.copyOf(whole, whole.length - 100),
            badLength,
            badFooter)) {
      List<ReadRecord> records =
          SourceReading.readAll(Files.write(folder.resolve("bad.parquet"), content));
      assertThat(records).hasSize(1);
      assertThat(records.get(0).position()).isZero();
      SourceReading.malformed(records.get(0), RejectReason.UNREADABLE_FILE);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 40, 200, 700})
  void aDamagedRowGroupCostsNoOther(int badByte) throws IOException {
    Path fixture = SourceFixturesTest.fixture("hf-conversations.parquet");
    byte[] content = Files.readAllBytes(fixture);
    Arrays.fill(content, badByte, badByte + 16, (byte) 0xFF);
    List<ReadRecord> records =
        SourceReading.readAll(Files.write(folder.resolve("damaged.parquet"), content));
    // pyarrow writes no checksums: bytes of a picture may change unseen, structure may not.
    assertThat(SourceReading.parsedIds(records)).contains("p-3", "p-4", "p-5", "p-6");
    assertThat(records.get(records.size() - 1).position()).isEqualTo(6);
  }

  @Test
  void aFileWithoutTextColumnsIsRefusedAsAWhole() throws IOException {
    Group row = row("required binary image; required binary label (STRING);");
    row.add("image", "x");
    row.add("label", "cat");
    assertThatThrownBy(() -> SourceReading.readAll(write(row)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has the columns image, label")
        .hasMessageContaining("columns setting");
  }

  @Test
  void columnsOfOtherNamesAreMapped() throws IOException {
    Group row = row("required binary picture; required binary label (STRING);");
    row.add("picture", "x");
    row.add("label", "a cat");
    SourceOptions options =
        new SourceOptions("What?", Map.of("image", "picture", "caption", "label"));
    ReadRecord record = SourceReading.readAll(write(row), options).get(0);
    assertThat(SourceReading.describe(record))
        .containsEntry("id", "")
        .containsEntry(
            "conversation",
            List.of(List.of("user", "<image>\nWhat?"), List.of("assistant", "a cat")));
    assertThat(SourceReading.parsed(record).images().get(0).name()).isEqualTo("picture[0]");
  }

  @Test
  void listsOfTwoLevelsAndTextsWithoutAnnotationAreRead() throws IOException {
    Group row =
        row(
            "required group images (LIST) { repeated binary array (STRING); }"
                + "required binary text; optional int32 year (DATE);");
    row.addGroup("images").append("array", "a.jpg").append("array", "b.jpg");
    row.add("text", "ü");
    row.add("year", 1);
    ReadRecord record = SourceReading.readAll(write(row)).get(0);
    assertThat(SourceReading.parsed(record).images())
        .containsExactly(new SourceImage.Named("a.jpg"), new SourceImage.Named("b.jpg"));
    assertThat(SourceReading.parsed(record).conversation().get(1).text()).isEqualTo("ü");
    assertThat(SourceReading.parsed(record).metadata()).isEqualTo(Map.of("year", "1970-01-02"));
  }

  @Test
  void aListOfAcceptedAnswersIsKeptAsJsonAndOtherListsAreLeftOut() throws IOException {
    String schema =
        "required binary image; required binary text (STRING);"
            + "optional group accepted (LIST) { repeated group list { optional binary element (STRING); } }"
            + "required group tags (LIST) { repeated group list { optional binary element (STRING); } }";
    Group row = row(schema).append("image", "a.jpg").append("text", "a cat");
    Group accepted = row.addGroup("accepted");
    accepted.addGroup("list").append("element", "a \"cat\"");
    accepted.addGroup("list");
    row.addGroup("tags").addGroup("list").append("element", "x");
    Group without = row(schema).append("image", "b.jpg").append("text", "a dog");
    without.addGroup("tags");
    SourceOptions options = new SourceOptions("What?", Map.of("references", "accepted"));

    List<ReadRecord> records = SourceReading.readAll(write(row, without), options);

    assertThat(SourceReading.parsed(records.get(0)).metadata())
        .isEqualTo(Map.of("references", "[\"a \\\"cat\\\"\",null]"));
    assertThat(SourceReading.parsed(records.get(1)).metadata()).isEmpty();
  }

  @Test
  void brokenRowsCostOnlyThemselves() throws IOException {
    String schema =
        "optional group image { optional binary bytes; optional binary path (STRING); }"
            + "optional binary conversations (STRING); optional binary id (STRING);";
    Group good = row(schema);
    good.addGroup("image").append("path", "a.jpg");
    good.add(
        "conversations",
        "[{\"from\":\"human\",\"value\":\"q\"},{\"from\":\"gpt\",\"value\":\"a\"}]");
    good.add("id", "good");
    Group noImage = row(schema);
    noImage.addGroup("image");
    noImage.add("conversations", "[]");
    Group noJson = row(schema);
    noJson.add("conversations", "[{");
    noJson.add("id", "no-json");
    Group nothing = row(schema);
    List<ReadRecord> records = SourceReading.readAll(write(good, noImage, noJson, nothing));
    assertThat(SourceReading.parsedIds(records)).containsExactly("good");
    SourceReading.malformed(records.get(1), RejectReason.MALFORMED_IMAGE_FIELD);
    assertThat(SourceReading.malformed(records.get(2), RejectReason.MISSING_CONVERSATION).id())
        .isEqualTo("no-json");
    assertThat(SourceReading.malformed(records.get(3), RejectReason.MISSING_CONVERSATION).id())
        .isEmpty();
  }

  @Test
  void aFailingStorageIsNoDamage() throws IOException {
    Path path = SourceFixturesTest.fixture("hf-conversations.parquet");
    ParquetFormat format = new ParquetFormat();
    SourceFile atFooter = FailingFiles.failingAt(1, path);
    assertThatThrownBy(() -> format.plan(atFooter, SourceReading.OPTIONS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the disk is gone");
  }
}
