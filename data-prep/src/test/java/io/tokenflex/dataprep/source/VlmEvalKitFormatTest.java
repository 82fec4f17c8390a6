package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VlmEvalKitFormatTest {
  private static final String IMAGE = Base64.getEncoder().encodeToString(new byte[90]);

  @TempDir Path folder;

  private List<ReadRecord> read(String... lines) throws IOException {
    Path path = Files.writeString(folder.resolve("b.tsv"), String.join("\n", lines));
    return SourceReading.readAll(path);
  }

  @Test
  void brokenRowsCostOnlyThemselves() throws IOException {
    List<ReadRecord> records =
        read(
            "index\timage\tquestion\tanswer",
            "0\t" + IMAGE + "\tq\ta",
            "1\t" + IMAGE.replace('A', '*') + "\tq\ta",
            "2\t99\tq\ta",
            "3\t\tq\ta",
            "4\t" + IMAGE + "\tq\t",
            "\t" + IMAGE + "\tq\ta",
            "6\t['" + IMAGE + "', " + IMAGE + "]\tq\ta",
            "7\t2\tq\ta",
            "8\t" + IMAGE + "\tq",
            "9\t8\tq\ta",
            "10\tdata:image/png;base64," + IMAGE + "\t<image 2>\ta",
            "11\t" + IMAGE + "\t<image 1>?\ta");
    assertThat(SourceReading.parsedIds(records)).containsExactly("b-0", "b-11");
    assertThat(SourceReading.malformed(records.get(1), RejectReason.MALFORMED_IMAGE_FIELD).id())
        .isEqualTo("b-1");
    assertThat(SourceReading.malformed(records.get(2), RejectReason.MALFORMED_IMAGE_FIELD).detail())
        .contains("'99'");
    SourceReading.malformed(records.get(3), RejectReason.MALFORMED_IMAGE_FIELD);
    SourceReading.malformed(records.get(4), RejectReason.MISSING_CONVERSATION);
    SourceReading.malformed(records.get(5), RejectReason.MISSING_ID);
    SourceReading.malformed(records.get(6), RejectReason.MALFORMED_IMAGE_FIELD);
    SourceReading.malformed(records.get(7), RejectReason.MALFORMED_IMAGE_FIELD);
    SourceReading.malformed(records.get(8), RejectReason.MALFORMED_RECORD);
    assertThat(SourceReading.malformed(records.get(9), RejectReason.MALFORMED_IMAGE_FIELD).detail())
        .contains("row that holds the image is broken");
    SourceReading.malformed(records.get(10), RejectReason.IMAGE_MARK_MISMATCH);
  }

  @Test
  void imagesAreSharedAcrossSplitsInBothDirections() throws IOException {
    int numRows = 700;
    List<ReadRecord> records =
        read(
            Stream.concat(
                    Stream.of("index\timage\tquestion\tanswer"),
                    Stream.iterate(0, i -> i + 1)
                        .limit(numRows)
                        .map(
                            i -> {
                              boolean isOwner = i == 0 || i == numRows - 1;
                              String image =
                                  isOwner ? IMAGE + i + "A" : "" + (i % 2) * (numRows - 1);
                              return i
                                  + "\t"
                                  + image.replace("0A", "AAAA").replace("699A", "BBBB")
                                  + "\tq\ta";
                            }))
                .toArray(String[]::new));
    assertThat(records).hasSize(numRows);
    for (int i = 1; i < numRows - 1; i++) {
      SourceImage.Embedded image =
          (SourceImage.Embedded) SourceReading.parsed(records.get(i)).images().get(0);
      assertThat(image.bytes()[90]).as("row %d", i).isEqualTo((byte) (i % 2 == 0 ? 0 : 4));
    }
  }

  @Test
  void requiredColumnsAreNamed() throws IOException {
    SourceFile file =
        SourceReading.file(
            Files.writeString(folder.resolve("b.tsv"), "index\timage\tquestion\n0\tx\tq\n"));
    assertThatThrownBy(() -> new VlmEvalKitFormat().plan(file, SourceReading.OPTIONS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected index, question, answer");
  }

  @Test
  void headerAloneHoldsNothing() throws IOException {
    assertThat(read("index\timage\tquestion\tanswer")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", " ", "\t"})
  void base64MayBeBrokenIntoLines(String between) throws IOException {
    byte[] picture = new byte[200];
    new Random(7).nextBytes(picture);
    String base64 =
        Base64.getMimeEncoder(76, between.getBytes(StandardCharsets.UTF_8)).encodeToString(picture)
            + between;
    String printed = base64.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
    List<ReadRecord> records =
        read(
            "index\timage\tquestion\tanswer",
            "0\t\"" + base64 + "\"\tq\ta",
            "1\t\"['" + printed + "', '" + printed + "']\"\tq\ta",
            "2\t\"data:image/png;base64," + base64 + "\"\tq\ta");
    for (ReadRecord record : records) {
      assertThat(SourceReading.parsed(record).images())
          .isNotEmpty()
          .allSatisfy(
              image -> assertThat(((SourceImage.Embedded) image).bytes()).isEqualTo(picture));
    }
  }

  @Test
  void listsAreReadAsPythonPrintsThem() throws RecordRejectedException {
    assertThat(PythonList.parse("c", "plain")).containsExactly("plain");
    assertThat(PythonList.parse("c", "[]")).isEmpty();
    assertThat(PythonList.parse("c", "['a', \"it's\", 'x\\'y\\\\',]"))
        .containsExactly("a", "it's", "x'y\\");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[a]", "['a' 'b']", "['a]", "[1, 2]", "['a', b]", "['a'']", "['a\\']", "[,]"})
  void otherListsAreRefused(String text) {
    assertThatThrownBy(() -> PythonList.parse("image", text))
        .isInstanceOf(RecordRejectedException.class)
        .hasMessageContaining("image is not a list of quoted texts");
  }
}
