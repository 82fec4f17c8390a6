package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.failure.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonRecordsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  // One for all: each new one reads its XML files anew.
  private static final Configuration HADOOP = new Configuration();

  @TempDir java.nio.file.Path folder;

  /** A record as its reader understood it: what it holds, or why it is rejected. */
  private record Understood(long position, JsonNode json, RejectReason reason, String detail) {}

  private JsonRecords file(byte[] content) throws IOException {
    java.nio.file.Path path = Files.write(folder.resolve("input"), content);
    return new JsonRecords(new SourceFile(FileSystem.getLocal(HADOOP), new Path(path.toUri())));
  }

  private List<Understood> readAll(String text) throws IOException {
    return readAll(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<Understood> readAll(byte[] content) throws IOException {
    JsonRecords file = file(content);
    List<Understood> records = new ArrayList<>();
    // Backwards: a split must not need the one before it.
    List<SourceSplit> splits = new ArrayList<>(file.plan());
    Collections.reverse(splits);
    for (SourceSplit split : splits) {
      List<Understood> ofSplit = new ArrayList<>();
      file.read(split, record -> ofSplit.add(understood(record)));
      assertThat(ofSplit)
          .as("planned are the records of %s", split)
          .hasSize((int) split.numRecords());
      records.addAll(0, ofSplit);
    }
    for (int i = 0; i < records.size(); i++) {
      assertThat(records.get(i).position()).isEqualTo(i);
    }
    return records;
  }

  private static Understood understood(RawRecord record) {
    try {
      return new Understood(record.position(), record.json(), null, "");
    } catch (RecordRejectedException e) {
      return new Understood(record.position(), null, e.reason(), e.getMessage());
    }
  }

  private static List<String> jsonOf(List<Understood> records) {
    return records.stream().map(record -> String.valueOf(record.json())).toList();
  }

  private static Understood rejected(RejectReason reason, Understood record) {
    assertThat(record.reason()).as("%s", record).isEqualTo(reason);
    assertThat(record.detail()).contains("The record at byte ");
    return record;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void arraysAndLinesGiveTheSameRecordsAtTheirPositions(long seed) throws IOException {
    Random random = new Random(seed);
    List<String> records = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      ObjectNode record = JSON.createObjectNode().put("id", i);
      record.put("text", "ü, ], } \\ \" 世界 \u2028 ".repeat(random.nextInt(5)));
      record.putArray("list").addObject().put("nested", true);
      records.add(record.toString());
    }
    String space = " ".repeat(random.nextInt(3)) + (random.nextBoolean() ? "\n" : "");
    assertThat(jsonOf(readAll(space + "[" + space + String.join("," + space, records) + "]\n")))
        .as("seed %d", seed)
        .isEqualTo(records);
    for (String end : List.of("\n", "\r\n", "\r", "\n\n", "\r\n \t\r\n")) {
      for (String mark : List.of("", "\uFEFF")) {
        for (String last : List.of("", end)) {
          assertThat(jsonOf(readAll(mark + String.join(end, records) + last)))
              .as("seed %d, line ends %s", seed, JSON.writeValueAsString(end))
              .isEqualTo(records);
        }
      }
    }
  }

  /** Lines that are no records, good and bad ones, with line ends of all kinds: each one counts. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverALineHoldsItIsBlankOrARecordForPlannerAndReader(long seed) throws IOException {
    Random random = new Random(seed);
    List<String> blank = List.of("", " ", "\t", " \t ");
    List<String> good = List.of("{\"a\":1}", "{\"a\":\"\\\"}\"}", "[1,2]", "\uFEFF{\"b\":{}}", "7");
    List<String> bad =
        List.of(
            "\f",
            "\u3000",
            "\u2028",
            "\u0085",
            "\u00a0",
            "\0\0",
            "{\"a\":\"x\ry\"}",
            "{",
            "}",
            "]]",
            "\"",
            "{\"a\":\"",
            "{} {}",
            "nul",
            "\u000b",
            "{\"a\":\u2028}",
            "{\"a\":\r1}{");
    StringBuilder text = new StringBuilder();
    List<Boolean> expected = new ArrayList<>(List.of(true));
    for (int i = 0; i < 3000; i++) {
      List<String> kind = List.of(blank, good, bad).get(random.nextInt(3));
      text.append(kind.get(random.nextInt(kind.size())));
      // An open bracket or quote lets a CR be part of the line: after bad ones LF alone.
      List<String> ends = kind == bad ? List.of("\n", "\r\n") : List.of("\n", "\r\n", "\r");
      text.append(ends.get(random.nextInt(ends.size())));
      if (kind != blank) {
        expected.add(kind == good);
      }
    }
    assertThat(readAll("{}\n" + text).stream().map(record -> record.reason() == null).toList())
        .as("seed %d", seed)
        .isEqualTo(expected);
  }

  @Test
  void aCarriageReturnInsideATextBreaksItsOwnLineOnly() throws IOException {
    List<Understood> records = readAll("{\"id\":1}\n{\"id\":\"a\rb\"}\n{\"id\":3}\r{\"id\":4}\n");
    assertThat(records).hasSize(4);
    rejected(RejectReason.MALFORMED_RECORD, records.get(1));
    assertThat(records.get(3).json().get("id").intValue()).isEqualTo(4);
  }

  @Test
  void aBrokenLineCostsOnlyItself() throws IOException {
    List<Understood> records = readAll("{\"id\":1}\n{\"id\":\n{\"id\":3} extra\n{\"id\":4}");
    assertThat(rejected(RejectReason.MALFORMED_RECORD, records.get(1)).detail())
        .contains("The record at byte 9 is not JSON at its character ");
    rejected(RejectReason.MALFORMED_RECORD, records.get(2));
    assertThat(records.get(3).json().get("id").intValue()).isEqualTo(4);
  }

  @Test
  void aBrokenElementOfAnArrayCostsOnlyItself() throws IOException {
    List<Understood> records =
        readAll(
            "[{\"id\":1}, {id:2}, {\"id\":\"\n\"}, x, {\"id\":\"\\q\"}, {\"a\":[}]"
                .replace("[}", "[]}"));
    assertThat(records).hasSize(6);
    for (int i : List.of(1, 2, 3, 4)) {
      rejected(RejectReason.MALFORMED_RECORD, records.get(i));
    }
    assertThat(records.get(5).json().toString()).isEqualTo("{\"a\":[]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[%s]", "%s\n", "{\"id\":1}\n%s\n"})
  void whatPythonReadsIsRead(String around) throws IOException {
    String longText = "x".repeat(30_000_000);
    for (String record :
        List.of(
            "{\"a\":NaN,\"b\":Infinity,\"c\":-Infinity}",
            "{\"a\":" + "[".repeat(900) + "]".repeat(900) + "}",
            "{\"" + "n".repeat(100_000) + "\":1}",
            "{\"a\":" + "9".repeat(4000) + "}",
            "{\"a\":1e999,\"b\":-0.0,\"c\":1E+2}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":\"\\ud800\",\"b\":\"\\u0000\"}",
            "{\"a\":\"" + longText + "\"}")) {
      List<Understood> records = readAll(around.replace("%s", record));
      assertThat(records.get(records.size() - 1).reason())
          .as("%.40s: %s", record, records.get(records.size() - 1).detail())
          .isNull();
    }
    List<Understood> twice = readAll(around.replace("%s", "{\"a\":1,\"a\":2}"));
    assertThat(twice.get(twice.size() - 1).json().get("a").intValue()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[%s, 7]", "%s\n7\n"})
  void whatPythonRefusesIsOneReject(String around) throws IOException {
    for (String record :
        List.of(
            "{\"a\":" + "[".repeat(1500) + "]".repeat(1500) + "}",
            "{\"a\":" + "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000) + "}",
            "{\"a\":" + "9".repeat(5000) + "}",
            "{\"a\":01}",
            "{'a':1}",
            "{\"a\":1,}",
            "{\"a\":\"\t\"}",
            "{\"a\" 1}")) {
      List<Understood> records = readAll(around.replace("%s", record));
      assertThat(records).as("%.40s", record).hasSize(2);
      rejected(RejectReason.MALFORMED_RECORD, records.get(0));
      assertThat(records.get(1).json().intValue()).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[{\"id\":1},{\"id\":\"é\"},{\"id\":3}]", "{\"id\":1}\n{\"id\":\"é\"}\n7"})
  void latin1CostsTheRecordThatHoldsIt(String text) throws IOException {
    List<Understood> records = readAll(text.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(records).hasSize(3);
    assertThat(rejected(RejectReason.INVALID_TEXT, records.get(1)).detail()).contains("UTF-8");
  }

  @Test
  void otherEncodingsAreRefusedWithTheWayOut() {
    for (String text : List.of("[{\"id\":1}]", "{\"id\":1}\n{\"id\":2}\n")) {
      for (String charset : List.of("UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE")) {
        for (String mark : List.of("", "\uFEFF")) {
          byte[] content = (mark + text).getBytes(Charset.forName(charset));
          assertThatThrownBy(() -> readAll(content))
              .as(charset)
              .isInstanceOf(InvalidInputException.class)
              .hasMessageContaining("is not UTF-8")
              .hasMessageContaining("iconv");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[",
        "[{",
        "[{\"a\":\"",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[{\"a\":[1}]",
        "[1]]",
        "[{}]\n[{}]",
        "[1] x",
        "[1}",
        "[{\"a\":1}}, {}]"
      })
  void anArrayThatIsNotWholeNamesFileByteAndNextMove(String text) {
    assertThatThrownBy(() -> readAll(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("input is not valid JSON at byte ")
        .hasMessageContaining("repair the file");
  }

  @Test
  void anEmptyArrayAndAnEmptyFileHoldNothing() throws IOException {
    for (String text : List.of("[]", " [ ] ", "\uFEFF[]\n", "\n\n", "", "\uFEFF", " \r\r")) {
      assertThat(readAll(text)).as(text).isEmpty();
    }
  }

  @Test
  void aRecordLongerThanItMayBeIsNotHeld() throws IOException {
    byte[] line =
        ("{\"a\":\"" + "x".repeat(5000) + "\"}\n{\"b\":1}\n").getBytes(StandardCharsets.UTF_8);
    JsonLineReader reader = new JsonLineReader(new ByteArrayInputStream(line), 0, line, 2000);
    assertThat(reader.next()).isTrue();
    assertThat(reader.line().isCut()).isTrue();
    assertThat(reader.line().toBytes()).hasSize(2000);
    assertThatThrownBy(() -> JsonText.parse(reader.line(), 0))
        .isInstanceOf(RecordRejectedException.class)
        .hasMessageContaining("longer than");
    assertThat(reader.next()).isTrue();
    assertThat(new String(reader.line().toBytes(), StandardCharsets.UTF_8)).isEqualTo("{\"b\":1}");
  }

  /**
   * Bytes changed at random: refused as a whole, or as many records as planned, never anything
   * else.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void damageIsRefusedOrCounted(long seed) throws IOException {
    Random random = new Random(seed);
    String element = "{\"id\":\"a\\n\",\"b\":[1,2.5,null,{\"c\":true}]}";
    byte[] bytes = "\r\n\"\\{}[],:0\0\u00c3".getBytes(StandardCharsets.ISO_8859_1);
    for (int round = 0; round < 300; round++) {
      String text =
          random.nextBoolean()
              ? "[" + String.join(", ", Collections.nCopies(5, element)) + "]"
              : String.join("\n", Collections.nCopies(5, element));
      byte[] content = text.getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i <= random.nextInt(3); i++) {
        content[random.nextInt(content.length)] = bytes[random.nextInt(bytes.length)];
      }
      try {
        readAll(content);
      } catch (InvalidInputException e) {
        assertThat(e).as("seed %d, round %d", seed, round).hasMessageContaining("input is not");
      }
    }
  }
}
