package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.univocity.parsers.csv.CsvWriter;
import com.univocity.parsers.csv.CsvWriterSettings;
import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables whose quotes are escaped by backslashes, told from those where they are doubled. */
class QuoteEscapeTest {
  private static final String BY_SPARK = "part-00000-0e7336e8-1ba5-4229-891c-408b4a001278-c000.csv";

  @TempDir Path folder;

  private List<ReadRecord> read(String name, String text, SourceOptions options)
      throws IOException {
    return SourceReading.readAll(Files.writeString(folder.resolve(name), text), options);
  }

  private static List<String> answers(List<ReadRecord> records) {
    return records.stream()
        .map(record -> SourceReading.parsed(record).conversation().get(1).text())
        .toList();
  }

  /** As Spark sets univocity's writer up for {@code df.write.option("header", true).csv(...)}. */
  private static String written(List<String> captions, char escape) {
    CsvWriterSettings settings = new CsvWriterSettings();
    settings.getFormat().setQuoteEscape(escape);
    settings.getFormat().setComment('\0');
    settings.getFormat().setLineSeparator("\n");
    settings.setEmptyValue("\"\"");
    settings.setQuoteEscapingEnabled(true);
    StringWriter text = new StringWriter();
    CsvWriter writer = new CsvWriter(text, settings);
    writer.writeRow("image", "caption");
    for (int i = 0; i < captions.size(); i++) {
      writer.writeRow(i + ".jpg", captions.get(i));
    }
    writer.close();
    return text.toString();
  }

  private static List<String> captions(Random random, String alphabet, int count) {
    List<String> captions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder caption = new StringBuilder("c");
      for (int k = random.nextInt(12); k > 0; k--) {
        caption.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      captions.add(caption.append('c').toString());
    }
    return captions;
  }

  @ParameterizedTest
  @CsvSource({"1, t.csv", "2, t.csv", "3, t.csv", "4, " + BY_SPARK, "5, " + BY_SPARK})
  void whatSparkWritesIsReadAsItWas(long seed, String name) throws IOException {
    List<String> captions = captions(new Random(seed), "ab ,\n\"\\ü", 600);
    String text = written(captions, '\\');
    assertThat(text).contains("\\\"");
    assertThat(answers(read(name, text, SourceReading.OPTIONS)))
        .as("seed %d", seed)
        .isEqualTo(captions);
    assertThat(answers(read("x.csv", text, SourceReading.OPTIONS.withEscape("\\"))))
        .isEqualTo(captions);
  }

  @ParameterizedTest
  @CsvSource({"1, t.csv", "2, t.csv", "3, t.csv", "4, " + BY_SPARK, "5, " + BY_SPARK})
  void doubledQuotesBesideBackslashesAreReadAsTheyWere(long seed, String name) throws IOException {
    List<String> captions = captions(new Random(seed), "ab ,\n\"\\ü", 600);
    String text = written(captions, '"');
    assertThat(answers(read(name, text, SourceReading.OPTIONS)))
        .as("seed %d", seed)
        .isEqualTo(captions);
    assertThat(answers(read("x.csv", text, SourceReading.OPTIONS.withEscape("\""))))
        .isEqualTo(captions);
  }

  @Test
  void backslashesWithoutQuotesAreReadAsTheWriterOfTheFileMeansThem() throws IOException {
    List<String> captions = List.of("x, \\frac", "C:\\dir, y");
    String bySpark = written(captions, '\\');
    assertThat(answers(read(BY_SPARK, bySpark, SourceReading.OPTIONS))).isEqualTo(captions);
    String others = written(captions, '"');
    assertThat(answers(read("t.csv", others, SourceReading.OPTIONS))).isEqualTo(captions);
  }

  @Test
  void aFileThatEscapesBothWaysIsReadUnlessOneWayIsAskedFor() throws IOException {
    String text =
        "image,caption\n1.jpg,\"a \"\"b\"\" c\"\n2.jpg,\"a \"\"b\"\", c\"\n3.jpg,\"a \\\"b\\\" c\"\n4.jpg,d\n";
    assertThat(answers(read("t.csv", text, SourceReading.OPTIONS)))
        .containsExactly("a \"b\" c", "a \"b\", c", "a \"b\" c", "d");
    List<ReadRecord> records = read("t.csv", text, SourceReading.OPTIONS.withEscape("\""));
    assertThat(records).hasSize(4);
    ReadRecord.Malformed refused =
        SourceReading.malformed(records.get(2), RejectReason.MALFORMED_RECORD);
    assertThat(refused.detail()).contains("escape = ");
    assertThat(SourceReading.parsedIds(records)).hasSize(3);
  }

  @Test
  void aQuoteThatSwallowsLinesCountsWithTheirSize() throws IOException {
    StringBuilder text = new StringBuilder("image,caption\n0.jpg,zero\n1.jpg,\"open\n");
    for (int i = 2; i < 50; i++) {
      text.append(i).append(".jpg,plain\n");
    }
    int end = text.length();
    text.append("50.jpg,\"quoted\"\n51.jpg,last\n");
    List<ReadRecord> records = read("t.csv", text.toString(), SourceReading.OPTIONS);
    ReadRecord.Malformed swallowed =
        SourceReading.malformed(records.get(1), RejectReason.MALFORMED_RECORD);
    assertThat(swallowed.lost().bytes()).isGreaterThan(end - 30);
    assertThat(SourceReading.parsedIds(records)).hasSize(2);

    List<ReadRecord> cut = read("u.csv", text.substring(0, end), SourceReading.OPTIONS);
    assertThat(((ReadRecord.Malformed) cut.get(1)).lost().bytes()).isEqualTo(end - 25);
  }

  @Test
  void aShortRecordThatDoesNotFitStandsForItself() throws IOException {
    List<ReadRecord> records =
        read("t.csv", "image,caption\n1.jpg\n2.jpg,two\n", SourceReading.OPTIONS);
    assertThat(((ReadRecord.Malformed) records.get(0)).lost()).isEqualTo(LostPart.ONE_RECORD);
  }

  @ParameterizedTest
  @ValueSource(strings = {"'", "\\\\", "backslash", " "})
  void otherEscapesAreRefused(String escape) {
    assertThatThrownBy(() -> SourceReading.OPTIONS.withEscape(escape))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("escape is '" + escape + "'");
  }
}
