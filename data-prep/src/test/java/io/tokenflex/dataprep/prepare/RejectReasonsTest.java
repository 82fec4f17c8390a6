package io.tokenflex.dataprep.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.testing.LlavaFolder;
import io.tokenflex.dataprep.testing.LocalSpark;
import io.tokenflex.dataprep.validate.RecordLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every sort of fault of a record has a reason of its own. */
class RejectReasonsTest {
  /** Found by formats, searches and readers that have tests of their own. */
  private static final Set<RejectReason> MADE_ELSEWHERE =
      EnumSet.of(
          RejectReason.UNREADABLE_FILE,
          RejectReason.MISSING_ID,
          RejectReason.IMAGE_UNSUPPORTED,
          RejectReason.DUPLICATE,
          RejectReason.NEAR_DUPLICATE);

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    spark = LocalSpark.start(2);
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @Test
  void eachSortOfBrokenRecordGetsItsOwnReason() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder).addValid(3);
    Map<String, String> expected = addOneOfEachFault(llava);
    PrepareConfig config =
        llava.asLines().limits(new RecordLimits(1000, 1000, 4, 20, 100_000, 200)).build();

    Manifest manifest = DatasetPreparation.prepare(spark, config).manifest();

    Map<String, String> reasons = new LinkedHashMap<>();
    for (Row row : rejects(config, manifest)) {
      String id = row.getAs("id");
      reasons.put(id.isEmpty() ? "position " + row.getAs("position") : id, row.getAs("reason"));
      assertThat(row.<String>getAs("detail")).as("detail of %s", row).isNotBlank();
      assertThat(row.<String>getAs("sourceFile")).endsWith("input.jsonl");
    }
    assertThat(reasons).isEqualTo(expected);
    assertThat(manifest.rows()).isEqualTo(3);
    assertThat(manifest.run().inputRows()).isEqualTo(llava.size());
    for (RejectReason reason : RejectReason.values()) {
      boolean isMadeHere = !MADE_ELSEWHERE.contains(reason);
      assertThat(manifest.run().rejects().containsKey(reason.name()))
          .as("%s", reason)
          .isEqualTo(isMadeHere);
    }
  }

  /** Adds one record for each reason; returns the expected reason by id or position. */
  private static Map<String, String> addOneOfEachFault(LlavaFolder llava) {
    Map<String, String> expected = new LinkedHashMap<>();
    expected.put("position " + llava.size(), "MALFORMED_RECORD");
    llava.addLine("{\"id\": \"cut of");
    expected.put("sample-0001", "DUPLICATE_ID");
    llava.add(llava.record("sample-0001"));

    for (String reason :
        List.of(
            "MISSING_CONVERSATION",
            "MALFORMED_TURN",
            "UNKNOWN_ROLE",
            "ROLE_ORDER",
            "EMPTY_TEXT",
            "TEXT_TOO_LONG",
            "INVALID_TEXT",
            "SPECIAL_TOKEN",
            "MALFORMED_IMAGE_FIELD",
            "IMAGE_MARK_MISMATCH",
            "IMAGE_MARK_IN_ANSWER",
            "MALFORMED_REFERENCES",
            "IMAGE_OUTSIDE_FOLDER",
            "IMAGE_MISSING",
            "IMAGE_FILE_TOO_LARGE",
            "IMAGE_NOT_AN_IMAGE",
            "IMAGE_DAMAGED",
            "IMAGE_TOO_LARGE",
            "IMAGE_TOO_SMALL",
            "IMAGE_TOO_ELONGATED")) {
      ObjectNode record = llava.record(reason);
      ObjectNode question = LlavaFolder.turn(record, 0);
      ObjectNode answer = LlavaFolder.turn(record, 1);
      switch (reason) {
        case "MISSING_CONVERSATION" -> record.putArray("conversations");
        case "MALFORMED_TURN" -> answer.put("value", 3);
        case "UNKNOWN_ROLE" -> answer.put("from", "robot");
        case "ROLE_ORDER" -> answer.put("from", "human");
        case "EMPTY_TEXT" -> answer.put("value", " \n");
        case "TEXT_TOO_LONG" -> answer.put("value", "a".repeat(200));
        case "INVALID_TEXT" -> answer.put("value", "half a pair \uD83D");
        case "SPECIAL_TOKEN" -> answer.put("value", "red<|im_end|>\n<|im_start|>user");
        case "MALFORMED_IMAGE_FIELD" -> record.put("image", 5);
        case "IMAGE_MARK_MISMATCH" -> question.put("value", "<image><image>");
        case "IMAGE_MARK_IN_ANSWER" -> answer.put("value", "<image>");
        case "MALFORMED_REFERENCES" -> record.putArray("references");
        case "IMAGE_OUTSIDE_FOLDER" -> record.put("image", "../input.jsonl");
        case "IMAGE_MISSING" -> record.put("image", "nowhere.png");
        case "IMAGE_FILE_TOO_LARGE" -> llava.image(reason + ".png", new byte[100_001]);
        case "IMAGE_NOT_AN_IMAGE" ->
            llava.image(reason + ".png", "<html>".getBytes(StandardCharsets.UTF_8));
        case "IMAGE_DAMAGED" ->
            llava.image(reason + ".png", LlavaFolder.half(LlavaFolder.pictureBytes("jpeg", 1)));
        case "IMAGE_TOO_LARGE" -> llava.image(reason + ".png", pngOf(50_000, 50_000));
        case "IMAGE_TOO_SMALL" -> llava.image(reason + ".png", pngOf(30, 3));
        case "IMAGE_TOO_ELONGATED" -> llava.image(reason + ".png", pngOf(4, 100));
        default -> throw new IllegalArgumentException(reason);
      }
      expected.put(reason, reason);
      // A file cannot hold half a pair, but JSON can spell it.
      llava.addLine(record.toString().replace("half a pair \uD83D", "half a pair \\ud83d"));
    }
    return expected;
  }

  /** Only the header is true: the picture claims another size. */
  private static byte[] pngOf(int width, int height) {
    byte[] png = LlavaFolder.pictureBytes("png", 1);
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, width).putInt(20, height);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    header.putInt(29, (int) crc.getValue());
    return png;
  }

  private static List<Row> rejects(PrepareConfig config, Manifest manifest) {
    return spark
        .read()
        .parquet(config.output() + "/" + manifest.run().rejectsFile())
        .orderBy("position")
        .collectAsList();
  }
}
