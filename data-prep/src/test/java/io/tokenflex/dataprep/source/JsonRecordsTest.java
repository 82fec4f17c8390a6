package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
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
  @TempDir java.nio.file.Path folder;

  private JsonRecords file(String text) throws IOException {
    java.nio.file.Path path = Files.writeString(folder.resolve("input"), text);
    return new JsonRecords(
        new SourceFile(FileSystem.getLocal(new Configuration()), new Path(path.toUri())));
  }

  private static List<RawRecord> readAll(JsonRecords file) throws IOException {
    List<RawRecord> records = new ArrayList<>();
    // Backwards: a split must not need the one before it.
    List<SourceSplit> splits = new ArrayList<>(file.plan());
    Collections.reverse(splits);
    for (SourceSplit split : splits) {
      records.addAll(0, file.read(split));
    }
    return records;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void arraysAndLinesGiveTheSameRecordsAtTheirPositions(long seed) throws IOException {
    Random random = new Random(seed);
    List<String> records = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      ObjectNode record = new ObjectMapper().createObjectNode().put("id", i);
      record.put("text", "ü, ], } \\ \" 世界 ".repeat(random.nextInt(5)));
      record.putArray("list").addObject().put("nested", true);
      records.add(record.toString());
    }
    String space = " ".repeat(random.nextInt(3)) + (random.nextBoolean() ? "\n" : "");
    List<RawRecord> fromArray =
        readAll(file(space + "[" + space + String.join("," + space, records) + "]\n"));
    List<RawRecord> fromLines = readAll(file(String.join("\r\n \n", records)));

    assertThat(fromArray).hasSize(records.size());
    assertThat(fromLines).as("seed %d", seed).isEqualTo(fromArray);
    for (int i = 0; i < records.size(); i++) {
      assertThat(fromArray.get(i).position()).as("seed %d", seed).isEqualTo(i);
      assertThat(fromArray.get(i).json().toString()).as("seed %d", seed).isEqualTo(records.get(i));
    }
  }

  @Test
  void aBrokenLineCostsOnlyItself() throws IOException {
    List<RawRecord> records = readAll(file("{\"id\":1}\n{\"id\":\n{\"id\":3} extra\n{\"id\":4}"));
    assertThat(records).extracting(RawRecord::position).containsExactly(0L, 1L, 2L, 3L);
    assertThat(records.get(1).text()).isEqualTo("{\"id\":");
    assertThat(records.get(1).syntaxError()).isNotEmpty();
    assertThat(records.get(2).syntaxError()).isNotEmpty();
    assertThat(records.get(3).json().get("id").intValue()).isEqualTo(4);
  }

  @Test
  void anEmptyArrayAndAnEmptyFileHoldNothing() throws IOException {
    assertThat(file("[]").plan()).isEmpty();
    assertThat(file("\n\n").plan()).isEmpty();
  }
}
