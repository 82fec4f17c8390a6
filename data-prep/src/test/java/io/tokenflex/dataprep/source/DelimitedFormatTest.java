package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import io.tokenflex.dataprep.record.RejectReason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DelimitedFormatTest {
  @TempDir Path folder;

  private List<ReadRecord> read(String text) throws IOException {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<ReadRecord> read(byte[] content) throws IOException {
    return SourceReading.readAll(Files.write(folder.resolve("t.csv"), content));
  }

  private static String answer(ReadRecord record) {
    return SourceReading.parsed(record).conversation().get(1).text();
  }

  @Test
  void headerAloneHoldsNothing() throws IOException {
    assertThat(read("image,caption")).isEmpty();
    assertThat(read("image,caption\r\n\r\n")).isEmpty();
  }

  @Test
  void filesWithoutUsableHeaderAreRefusedAsAWhole() throws IOException {
    Path path = folder.resolve("t.csv");
    for (String text : List.of("", "\n\n", "image,image,caption\n", "a.jpg,a cat\nb.jpg,a dog\n")) {
      SourceFile file = SourceReading.file(Files.writeString(path, text));
      assertThatThrownBy(() -> DelimitedFormat.CSV.plan(file, SourceReading.OPTIONS))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("t.csv has the ");
    }
  }

  @Test
  void byteOrderMarksAndAllLineEndsAreUnderstood() throws IOException {
    for (String end : List.of("\n", "\r\n", "\r")) {
      List<ReadRecord> records =
          read(String.join(end, "\uFEFF\"caption\",image", "a,1.jpg", "", "\"b\",2.jpg"));
      assertThat(records).extracting(DelimitedFormatTest::answer).containsExactly("a", "b");
    }
  }

  @Test
  void anUnbalancedQuoteCostsWhatFollows() throws IOException {
    List<ReadRecord> records = read("image,caption\n1.jpg,one\n2.jpg,\"two\n3.jpg,three\n");
    assertThat(records).hasSize(2);
    assertThat(answer(records.get(0))).isEqualTo("one");
    assertThat(SourceReading.malformed(records.get(1), RejectReason.MALFORMED_RECORD).detail())
        .contains("byte 24")
        .contains("never closes");
  }

  @Test
  void brokenRecordsCostOnlyThemselves() throws IOException {
    byte[] text =
        "image,caption\n1.jpg\n2.jpg,b,c\n3.jpg,\n4.jpg,\u00ff\n5.jpg,e \"quoted\" word\n6.jpg,\"f\"g\n"
            .getBytes(StandardCharsets.ISO_8859_1);
    List<ReadRecord> records = read(text);
    SourceReading.malformed(records.get(0), RejectReason.MALFORMED_RECORD);
    assertThat(SourceReading.malformed(records.get(1), RejectReason.MALFORMED_RECORD).valueSample())
        .isEqualTo("2.jpg,b,c");
    SourceReading.malformed(records.get(2), RejectReason.MISSING_CONVERSATION);
    SourceReading.malformed(records.get(3), RejectReason.INVALID_TEXT);
    assertThat(answer(records.get(4))).isEqualTo("e \"quoted\" word");
    assertThat(answer(records.get(5))).isEqualTo("fg");
  }

  @Test
  void columnsOfOtherNamesAreMapped() throws IOException {
    Path path = Files.writeString(folder.resolve("t.csv"), "url,alt\na.jpg,A\n");
    SourceOptions options = new SourceOptions("Say.", Map.of("image", "url", "caption", "alt"));
    assertThat(SourceReading.describe(SourceReading.readAll(path, options).get(0)))
        .containsEntry("images", List.of("name:a.jpg"))
        .containsEntry("metadata", Map.of());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void splitsGiveWhatUnivocityReadsInOneGo(long seed) throws IOException {
    Random random = new Random(seed);
    String alphabet = "ab ,\n\"ü熊'";
    StringBuilder text = new StringBuilder("image,caption\n");
    int numRows = 700;
    for (int i = 0; i < numRows; i++) {
      StringBuilder caption = new StringBuilder("c" + i);
      for (int k = random.nextInt(30); k > 0; k--) {
        caption.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      text.append(i)
          .append(".jpg,\"")
          .append(caption.toString().replace("\"", "\"\""))
          .append("\"\n");
    }
    CsvParserSettings settings = new CsvParserSettings();
    settings.setIgnoreLeadingWhitespacesInQuotes(false);
    settings.setIgnoreTrailingWhitespacesInQuotes(false);
    settings.setNormalizeLineEndingsWithinQuotes(false);
    settings.setHeaderExtractionEnabled(true);
    List<String> expected = new ArrayList<>();
    for (String[] row : new CsvParser(settings).parseAll(new StringReader(text.toString()))) {
      expected.add(row[1]);
    }
    List<ReadRecord> records = read(text.toString());
    assertThat(records).as("seed %d", seed).hasSize(numRows);
    assertThat(records)
        .as("seed %d", seed)
        .extracting(DelimitedFormatTest::answer)
        .isEqualTo(expected);
  }

  @Test
  void recordsThatCrossTheBufferKeepTheirPlaces() throws IOException {
    StringBuilder text = new StringBuilder("image,caption\r\n");
    for (int i = 0; i < 400; i++) {
      text.append(i)
          .append(".jpg,\"")
          .append("x".repeat(i * 7))
          .append("\r\n")
          .append(i)
          .append("\"\r\n");
    }
    List<ReadRecord> records = read(text.toString());
    assertThat(records).hasSize(400);
    for (int i = 0; i < 400; i++) {
      assertThat(answer(records.get(i)))
          .endsWith("\r\n" + i)
          .hasSize(7 * i + 2 + ("" + i).length());
    }
  }

  @Test
  void fieldsLongerThanTheLimitAreCutAndSaySo() throws IOException {
    byte[] text = "abc,\"abcd\"\nabc,d\n".getBytes(StandardCharsets.UTF_8);
    DelimitedReader reader =
        new DelimitedReader(new ByteArrayInputStream(text), ',', QuoteEscape.DOUBLED, 0, 3);
    assertThat(reader.next()).isTrue();
    assertThat(reader.isFieldCut()).isTrue();
    assertThat(reader.fields().get(1)).asString().isEqualTo("abc");
    assertThat(reader.next()).isTrue();
    assertThat(reader.isFieldCut()).isFalse();
    assertThat(reader.recordOffset()).isEqualTo(11);
    assertThat(reader.next()).isFalse();
  }
}
