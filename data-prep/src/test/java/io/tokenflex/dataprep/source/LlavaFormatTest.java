package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LlavaFormatTest {
  private static final String TURNS =
      "\"conversations\":[{\"role\":\"user\",\"content\":\"q\"},{\"from\":\"gpt\",\"value\":\"a\"}]";

  @TempDir Path folder;

  private List<ReadRecord> read(String... lines) throws IOException {
    return SourceReading.readAll(
        Files.writeString(folder.resolve("l.jsonl"), String.join("\n", lines)));
  }

  @Test
  void bothNamesOfTurnsAndImagesAreUnderstood() throws IOException {
    List<ReadRecord> records =
        read(
            "{\"id\":1,\"image\":null,\"images\":[\"a.jpg\",\"b.jpg\"]," + TURNS + "}",
            "{\"id\":2,\"images\":\"c.jpg\"," + TURNS + "}",
            "{\"id\":3,\"image\":[]," + TURNS + "}");
    assertThat(SourceReading.parsedIds(records)).containsExactly("1", "2", "3");
    assertThat(SourceReading.parsed(records.get(0)).images()).hasSize(2);
    assertThat(SourceReading.parsed(records.get(0)).metadata()).isEmpty();
    assertThat(SourceReading.parsed(records.get(1)).images())
        .containsExactly(new SourceImage.Named("c.jpg"));
    assertThat(SourceReading.parsed(records.get(2)).images()).isEmpty();
  }

  @Test
  void brokenRecordsCostOnlyThemselves() throws IOException {
    List<ReadRecord> records =
        read(
            "{\"id\":1,\"image\":7," + TURNS + "}",
            "{\"id\":2,\"conversations\":[]}",
            "{\"id\":3,\"conversations\":[{\"from\":\"human\"}]}",
            "{\"id\":4,\"conversations\":[{\"from\":\"robot\",\"value\":\"v\"}]}",
            "{" + TURNS + "}",
            "[1]",
            "{\"id\":",
            "{\"id\":8," + TURNS + "}");
    SourceReading.malformed(records.get(0), RejectReason.MALFORMED_IMAGE_FIELD);
    SourceReading.malformed(records.get(1), RejectReason.MISSING_CONVERSATION);
    SourceReading.malformed(records.get(2), RejectReason.MALFORMED_TURN);
    SourceReading.malformed(records.get(3), RejectReason.UNKNOWN_ROLE);
    SourceReading.malformed(records.get(5), RejectReason.MALFORMED_RECORD);
    SourceReading.malformed(records.get(6), RejectReason.MALFORMED_RECORD);
    assertThat(SourceReading.parsedIds(records))
        .as("without an id: the dataset gives one")
        .containsExactly("", "8");
  }

  @Test
  void aCutArrayNamesFileByteAndNextMove() throws IOException {
    Path path = Files.writeString(folder.resolve("l.json"), "[{\"id\":1," + TURNS + "}, {\"id\"");
    assertThatThrownBy(() -> SourceReading.readAll(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("l.json is not valid JSON at byte")
        .hasMessageContaining("repair the file");
  }
}
