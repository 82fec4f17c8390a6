package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text without its picture, in every format and in every way that a picture gets lost. */
class PictureRuleTest {
  private static final String TURNS =
      "\"conversations\":[{\"from\":\"human\",\"value\":\"q\"},{\"from\":\"gpt\",\"value\":\"a\"}]";

  @TempDir Path folder;

  private List<ReadRecord> read(String name, String text, SourceOptions options)
      throws IOException {
    return SourceReading.readAll(Files.writeString(folder.resolve(name), text), options);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "img", "filename", "image_0", "picture", "IMAGE", "url"})
  void aTableWhosePicturesStandUnderAnotherNameIsStoppedWithTheNamesOfItsColumns(String column) {
    for (String[] table : new String[][] {{"t.csv", ","}, {"t.tsv", "\t"}}) {
      String text = String.join(table[1], column, "caption") + "\n";
      assertThatThrownBy(() -> read(table[0], text, SourceReading.OPTIONS))
          .as(table[0])
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has the columns " + column + ", caption, but none")
          .hasMessageContaining("columns { image = ")
          .hasMessageContaining("textOnly = true");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"caption", "question", "conversations", "messages", "texts"})
  void aRowWithoutItsPictureIsRejected(String kind) throws IOException {
    String columns = kind.equals("question") ? "question,answer" : kind;
    String value =
        switch (kind) {
          case "question" -> "q,a";
          case "caption" -> "a cat";
          case "texts" -> "\"[{\"\"user\"\":\"\"q\"\",\"\"assistant\"\":\"\"a\"\"}]\"";
          default ->
              "\"[{\"\"role\"\":\"\"user\"\",\"\"content\"\":\"\"q\"\"},"
                  + "{\"\"role\"\":\"\"assistant\"\",\"\"content\"\":\"\"a\"\"}]\"";
        };
    String text = "image," + columns + "\n1.jpg," + value + "\n," + value + "\n";
    List<ReadRecord> records = read("t.csv", text, SourceReading.OPTIONS);
    assertThat(SourceReading.parsed(records.get(0)).images()).hasSize(1);
    assertThat(SourceReading.malformed(records.get(1), RejectReason.IMAGE_MISSING).detail())
        .contains("textOnly = true");
    assertThat(SourceReading.parsedIds(read("t.csv", text, SourceReading.TEXT_ONLY)))
        .containsExactly("", "");
  }

  @Test
  void aCaptionWithoutItsPictureIsRejectedWhereThePromptAsksAboutOne() throws IOException {
    String text = "caption,note\na cat,x\n";
    SourceOptions usual = SourceOptions.usual().withTextOnly(true);
    assertThat(
            SourceReading.malformed(read("t.csv", text, usual).get(0), RejectReason.IMAGE_MISSING)
                .detail())
        .contains("captionPrompt");
    SourceOptions asked = new SourceOptions("Say something.", Map.of()).withTextOnly(true);
    assertThat(SourceReading.parsed(read("t.csv", text, asked).get(0)).images()).isEmpty();
  }

  static Stream<Arguments> membersOfATar() {
    return Stream.of(
        Arguments.of("{\"caption\": \"c\"}", false),
        Arguments.of("{\"caption\": \"c\", \"image\": null}", false),
        Arguments.of("{\"caption\": \"c\", \"images\": []}", false),
        Arguments.of("{\"caption\": \"c\", \"images\": [], \"image\": \"\"}", false),
        Arguments.of("{\"caption\": \"c\", \"img\": \"a.jpg\"}", false),
        Arguments.of("{" + TURNS + "}", false),
        Arguments.of("{" + TURNS + ", \"images\": [], \"image\": \"a.jpg\"}", true),
        Arguments.of("{\"caption\": \"c\", \"images\": null, \"path\": \"a.jpg\"}", true));
  }

  @ParameterizedTest
  @MethodSource("membersOfATar")
  void ofSeveralFieldsTheFirstThatHoldsAPictureCounts(String json, boolean hasPicture)
      throws IOException {
    Path tar =
        TarFiles.write(folder.resolve("t.tar"), "0.json", json.getBytes(StandardCharsets.UTF_8));
    ReadRecord record = SourceReading.readAll(tar).get(0);
    if (hasPicture) {
      assertThat(SourceReading.parsed(record).images())
          .containsExactly(new SourceImage.Named("a.jpg"));
    } else {
      SourceReading.malformed(record, RejectReason.IMAGE_MISSING);
      SourceReading.parsed(SourceReading.readAll(tar, SourceReading.TEXT_ONLY).get(0));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"image\":null,", "\"images\":[],", "\"images\":[],\"image\":null,"})
  void aLlavaRecordWithoutPictureIsTextAlone(String field) throws IOException {
    String text = "{\"id\":1," + field + TURNS + "}\n";
    assertThat(SourceReading.parsed(read("l.jsonl", text, SourceReading.OPTIONS).get(0)).images())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"images\":[],\"image\":\"a.jpg\"", "\"image\":[],\"images\":[\"a.jpg\"]"})
  void anEmptyListHidesNoPictureOfALlavaRecord(String fields) throws IOException {
    String text = "{\"id\":1," + fields + "," + TURNS + "}\n";
    assertThat(SourceReading.parsed(read("l.jsonl", text, SourceReading.OPTIONS).get(0)).images())
        .containsExactly(new SourceImage.Named("a.jpg"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"img\":\"a.jpg\"",
        "\"picture\":\"coco/A.JPEG\"",
        "\"image\":null,\"image_path\":\"x/y.png\"",
        "\"pictures\":[\"a.webp\"]",
        "\"photo\":{\"path\":\"a.tif\"}",
        "\"source\":\"data:image/png;base64,AAAA\""
      })
  void aLlavaRecordWhosePictureStandsUnderAnotherNameIsRejected(String field) throws IOException {
    String text = "{\"id\":1," + field + "," + TURNS + "}\n";
    ReadRecord record = read("l.jsonl", text, SourceReading.OPTIONS).get(0);
    assertThat(SourceReading.malformed(record, RejectReason.IMAGE_MISSING).detail())
        .contains("textOnly = true");
    assertThat(SourceReading.parsedIds(read("l.jsonl", text, SourceReading.TEXT_ONLY)))
        .containsExactly("1");
  }

  @Test
  void olderDatasetsKeepTheDigestsOfTheirInputs() {
    assertThat(SourceOptions.usual().withMaxImageBytes(7).identity())
        .isEqualTo("SourceOptions[captionPrompt=Describe the image in a sentence., columns={}]");
    assertThat(SourceOptions.usual().withTextOnly(true).identity())
        .isNotEqualTo(SourceOptions.usual().identity());
  }
}
