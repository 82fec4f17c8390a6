package io.tokenflex.dataprep.shard;

import static io.tokenflex.dataprep.shard.ShardSchema.STORED;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.digest.Digests;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults that no writer of ours can make. */
class ShardCheckTest {
  @TempDir java.nio.file.Path folder;
  private final List<String> faults = new ArrayList<>();
  private final Configuration hadoop = new Configuration();
  private Path file;
  private FileSystem files;

  @BeforeEach
  void open() throws IOException {
    file = new Path(folder.resolve("shard.parquet").toUri());
    files = file.getFileSystem(hadoop);
  }

  private void check(long rows, long images) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve("shard.parquet"));
    Manifest.Shard stated =
        new Manifest.Shard("s", rows, 1, images, bytes.length, Digests.sha256Hex(bytes), List.of());
    new ShardCheck(files, hadoop, findings()).checkShard(file, stated, 4);
  }

  private ShardCheck.Findings findings() {
    return new ShardCheck.Findings() {
      @Override
      public void fault(String place, String problem) {
        faults.add(place + ": " + problem);
      }

      @Override
      public void sample(String place, String id, int numImages) {}
    };
  }

  private static SimpleGroup sample(String text) {
    SimpleGroup sample = new SimpleGroup(STORED);
    sample.add("id", "one");
    sample.addGroup("images");
    SimpleGroup turn =
        (SimpleGroup) sample.addGroup("conversation").addGroup("list").addGroup("element");
    turn.add("role", "user");
    turn.add("text", text);
    sample.add("source", "test");
    sample.addGroup("metadata");
    sample.add("recordDigest", "");
    return sample;
  }

  private void write(SimpleGroup sample, Map<String, String> footer) throws IOException {
    try (var writer =
        ExampleParquetWriter.builder(file)
            .withConf(hadoop)
            .withType(STORED)
            .withExtraMetaData(footer)
            .build()) {
      writer.write(sample);
    }
  }

  @Test
  void aMarkWithoutAnImageIsNamedWithItsSample() throws IOException {
    write(sample("What is <image>?"), Map.of(DatasetLayout.FORMAT_VERSION_KEY, "2"));
    check(1, 0);
    assertThat(faults)
        .containsExactly("row group 0, row 0, sample one: 0 images but 1 <image> marks");
  }

  @Test
  void anotherFormatVersionIsNamed() throws IOException {
    write(sample("What?"), Map.of(DatasetLayout.FORMAT_VERSION_KEY, "1"));
    check(1, 0);
    assertThat(faults)
        .containsExactly("footer: tokenflex.format.version is 1 but this program reads 2 and 3");
  }

  @Test
  void aRejectsTableOfTheTimeBeforeRejectsStoodForSeveralRecordsIsRead() throws IOException {
    var reject = MessageTypeParser.parseMessageType("message reject {required binary reason;}");
    try (var writer =
        ExampleParquetWriter.builder(file)
            .withConf(hadoop)
            .withType(reject)
            .withExtraMetaData(Map.of(DatasetLayout.FORMAT_VERSION_KEY, "2"))
            .build()) {
      for (String reason : List.of("EMPTY_TEXT", "EMPTY_TEXT", "DUPLICATE")) {
        SimpleGroup row = new SimpleGroup(reject);
        row.add("reason", reason);
        writer.write(row);
      }
    }
    new ShardCheck(files, hadoop, findings())
        .checkRejects(file, Map.of("EMPTY_TEXT", 2L, "DUPLICATE", 1L));
    assertThat(faults).isEmpty();
    new ShardCheck(files, hadoop, findings()).checkRejects(file, Map.of("EMPTY_TEXT", 3L));
    assertThat(faults).hasSize(1);
  }

  @Test
  void aFileThatIsNoParquetFileIsNamed() throws IOException {
    Files.writeString(folder.resolve("shard.parquet"), "not Parquet at all");
    check(1, 0);
    assertThat(faults).singleElement().asString().startsWith("footer: it cannot be read: ");
  }
}
