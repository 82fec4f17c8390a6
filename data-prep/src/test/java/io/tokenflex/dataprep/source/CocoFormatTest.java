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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CocoFormatTest {
  @TempDir Path folder;

  private List<ReadRecord> read(String json) throws IOException {
    Path path = Files.writeString(folder.resolve("captions.json"), json);
    return SourceReading.readAll(new CocoFormat(), SourceReading.file(path), SourceReading.OPTIONS);
  }

  @Test
  void splitsHold256AnnotationsAndTheirImages() throws IOException {
    SourceFile file = SourceReading.file(SourceFixturesTest.fixture("coco-turned.json"));
    List<SourceSplit> splits = new CocoFormat().plan(file, SourceReading.OPTIONS);
    assertThat(splits).extracting(SourceSplit::numRecords).containsExactly(256L, 256L, 88L);
    assertThat(splits).allMatch(split -> split.imageNames().size() == split.numRecords());
  }

  @Test
  void brokenAnnotationsCostOnlyThemselves() throws IOException {
    List<ReadRecord> records =
        read(
            """
            {"images": [{"id": 1, "file_name": "1.jpg"}, {"id": 2}, 7],
             "annotations": [
              {"id": 10, "image_id": 1, "caption": "fine"},
              {"id": 11, "image_id": 9, "caption": "whose?"},
              {"id": 12, "image_id": 2, "caption": "no name"},
              {"image_id": 1, "caption": "no id"},
              {"id": 14, "image_id": 1, "bbox": [1, 2, 3, 4]},
              "text",
              {"id": "x", "image_id": 1, "caption": "fine too"}]}
            """);
    assertThat(SourceReading.parsedIds(records)).containsExactly("coco-10", "coco-x");
    assertThat(SourceReading.malformed(records.get(1), RejectReason.IMAGE_MISSING).detail())
        .contains("'9'");
    SourceReading.malformed(records.get(2), RejectReason.IMAGE_MISSING);
    SourceReading.malformed(records.get(3), RejectReason.MISSING_ID);
    assertThat(SourceReading.malformed(records.get(4), RejectReason.MISSING_CONVERSATION).id())
        .isEqualTo("coco-14");
    SourceReading.malformed(records.get(5), RejectReason.MISSING_ID);
  }

  @Test
  void aByteOrderMarkMovesNothing() throws IOException {
    List<ReadRecord> records =
        read(
            "\uFEFF{\"images\":[{\"id\":1,\"file_name\":\"ü.jpg\"}],"
                + "\"annotations\":[{\"id\":1,\"image_id\":1,\"caption\":\"c\"}]}");
    assertThat(SourceReading.parsed(records.get(0)).images())
        .containsExactly(new SourceImage.Named("ü.jpg"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"images\": [",
        "{\"images\": [{\"id\": 1,",
        "{\"images\": [], \"annotations\": [{\"id\": 1}",
        "{\"images\": [], \"annotations\": []",
        "{\"images\": []}",
        "{\"annotations\": [], \"annotations\": []}",
        "[]"
      })
  void aDocumentThatIsNotWholeNamesFileByteAndNextMove(String json) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("captions.json")
        .hasMessageContaining("at byte")
        .hasMessageContaining("repair it or fetch it again");
  }

  @Test
  void onlyListsOfImagesOrAnnotationsMakeItCoco() {
    CocoFormat format = new CocoFormat();
    for (String no :
        List.of(
            "{}", "[]", "{\"images\": \"a.jpg\"}", "{\"images\": [\"a.jpg\"]}", "{\"id\": 1}")) {
      assertThat(format.recognises("a.json", no.getBytes(StandardCharsets.UTF_8))).as(no).isFalse();
    }
  }
}
