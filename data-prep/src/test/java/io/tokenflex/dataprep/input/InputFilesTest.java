package io.tokenflex.dataprep.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.source.SourceOptions;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files a path means, and what lies beside them without doing harm. */
class InputFilesTest {
  private static final String LINE = "{\"id\":1,\"conversations\":[]}\n";

  @TempDir java.nio.file.Path folder;

  private void write(String name, String text) throws IOException {
    java.nio.file.Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private String uri(String name) {
    return "file:" + folder + "/" + name;
  }

  private InputFiles files() throws IOException {
    return new InputFiles(FileSystem.getLocal(new Configuration()));
  }

  private List<String> names(String pattern) throws IOException {
    return names(files().of(new Path(uri(pattern))));
  }

  private List<String> names(List<FileStatus> found) {
    return found.stream()
        .map(file -> file.getPath().toString().substring(uri("").length()))
        .sorted()
        .toList();
  }

  private List<String> listed(String pattern) throws IOException {
    return listed(pattern, "");
  }

  private List<String> listed(String pattern, String format) throws IOException {
    InputConfig input = new InputConfig(uri(pattern), "", format, "", SourceOptions.usual());
    return new InputListing(new Configuration())
        .unknown(List.of(input), List.of()).stream()
            .map(file -> file.path().substring(uri("").length()))
            .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "in/*.jsonl",
        "in/*",
        "*/*.jsonl",
        "in/{a,b}.jsonl",
        "in/[ab].jsonl",
        "{in/a,in/b}.jsonl",
        "in/?.jsonl",
        "i*/a.jsonl",
        "in/a.jsonl",
        "in",
        "no/*.jsonl",
        "in/c*/x",
        "in/*/*"
      })
  void globsMeanTheSameBesideNamesWithColons(String pattern) throws IOException {
    for (String name :
        List.of("in/a.jsonl", "in/b.jsonl", "in/c.txt", "in/cc/x", "other/a.jsonl")) {
      write(name, LINE);
    }
    FileStatus[] byHadoop =
        FileSystem.getLocal(new Configuration()).globStatus(new Path(uri(pattern)));
    List<String> expected = names(byHadoop == null ? List.of() : Arrays.asList(byHadoop));
    assertThat(names(files().matchesBesideColons(new Path(uri(pattern))))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-01-01T00:00:00.log", "a:b", ":", "x:y/z.txt"})
  void aNameWithAColonBesideTheInputDoesNoHarm(String name) throws IOException {
    write("in/a.jsonl", LINE);
    write("in/" + name, "x");
    assertThat(listed("in/*.jsonl")).containsExactly("in/a.jsonl");
  }

  @Test
  void anInputWithAColonInItsNameIsRead() throws IOException {
    write("in/2026-01-01T00:00:00.jsonl", LINE);
    for (String pattern : List.of("in", "in/*.jsonl", "in/2026-01-01T00:00:00.jsonl")) {
      assertThat(listed(pattern)).containsExactly("in/2026-01-01T00:00:00.jsonl");
    }
  }

  @ParameterizedTest
  @CsvSource({"in", "in/*"})
  void whatWritersLeaveBesideTheirDataIsNoInput(String pattern) throws IOException {
    write("in/part-0.csv", "image,caption\n1.jpg,c\n");
    for (String name :
        List.of("_SUCCESS", "._SUCCESS.crc", ".part-0.csv.crc", "._part-0.csv", ".DS_Store")) {
      write("in/" + name, name.startsWith("_") ? "" : "x");
    }
    assertThat(listed(pattern)).containsExactly("in/part-0.csv");
    write("in/_wanted.csv", "image,caption\n1.jpg,c\n");
    assertThat(listed("in/_wanted.csv")).containsExactly("in/_wanted.csv");
  }

  @ParameterizedTest
  @ValueSource(strings = {".json", ".jsonl", ".csv", ".tsv", ".txt", ""})
  void aFileThatHoldsNothingIsPassedOver(String extension) throws IOException {
    write("in/full.jsonl", LINE);
    String[] blanks = {"", "\n", " \r\n\t\n", "\uFEFF", "\uFEFF\n\n"};
    for (int i = 0; i < blanks.length; i++) {
      write("in/empty" + i + extension, blanks[i]);
    }
    assertThat(listed("in")).containsExactly("in/full.jsonl");
    assertThat(listed("in", "llava")).containsExactly("in/full.jsonl");
    Files.delete(folder.resolve("in/full.jsonl"));
    assertThatThrownBy(() -> listed("in"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("every file of the input is empty")
        .hasMessageContaining("empty0");
  }

  @Test
  void aTableOrShardOfNoBytesIsACopyThatFailed() throws IOException {
    write("in/a.parquet", "");
    write("in/b.tar", "");
    assertThat(listed("in")).containsExactly("in/a.parquet", "in/b.tar");
    assertThat(listed("in/a.parquet", "parquet")).hasSize(1);
  }

  private void parquet(String name, String... columns) throws IOException {
    List<String> fields = new ArrayList<>();
    for (String column : columns) {
      fields.add(
          column.equals("jpg")
              ? "required binary jpg;"
              : "required binary " + column + " (STRING);");
    }
    MessageType schema =
        MessageTypeParser.parseMessageType("message m {" + String.join("", fields) + "}");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(folder.resolve(name)))
            .withType(schema)
            .build()) {
      Group row = new SimpleGroup(schema);
      Stream.of(columns).forEach(column -> row.append(column, "x"));
      writer.write(row);
    }
  }

  @Test
  void theLogsOfImg2DatasetBesideItsTarFilesArePassedOver() throws IOException {
    Files.createDirectories(folder.resolve("in"));
    for (String shard : List.of("00000", "00001")) {
      Files.write(folder.resolve("in/" + shard + ".tar"), new byte[1024]);
      parquet("in/" + shard + ".parquet", "url", "key", "status", "caption");
      write("in/" + shard + "_stats.json", "{\"count\": 3}");
    }
    parquet("in/00002.parquet", "url", "key", "status", "caption");
    Files.write(folder.resolve("in/data.tar"), new byte[1024]);
    parquet("in/data.parquet", "url", "key", "status", "jpg", "caption");
    Files.write(folder.resolve("in/other.tar"), new byte[1024]);
    parquet("in/other.parquet", "url", "caption");
    assertThat(names("in"))
        .containsExactly(
            "in/00000.tar",
            "in/00001.tar",
            "in/00002.parquet",
            "in/data.parquet",
            "in/data.tar",
            "in/other.parquet",
            "in/other.tar");
  }

  @Test
  void aFileThatLooksLikeNothingStillStopsTheRun() throws IOException {
    write("in/README", new String(new byte[] {'h', 'i'}, StandardCharsets.UTF_8));
    assertThatThrownBy(() -> listed("in"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("looks like none of");
  }
}
