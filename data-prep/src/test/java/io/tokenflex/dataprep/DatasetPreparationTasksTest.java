package io.tokenflex.dataprep;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.shard.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetPreparationTasksTest {
  @TempDir Path folder;

  @Test
  void oneTwoAndFiveTasksWriteTheSameBytes() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder);
    ObjectNode pattern = llava.record("pattern");
    // Several splits of 256 records, with rejects and duplicates among them.
    for (int i = 0; i < 600; i++) {
      ObjectNode record = pattern.deepCopy().put("id", "sample-" + i % 590);
      LlavaFolder.turn(record, 1).put("value", i % 31 == 7 ? "" : "answer " + i);
      llava.add(record);
    }
    PrepareConfig config = llava.asLines();

    Manifest one = prepare(config, 1);
    Manifest two = prepare(config, 2);
    Manifest five = prepare(config, 5);

    assertThat(one.rejects()).containsKeys("DUPLICATE_ID", "EMPTY_TEXT");
    assertThat(two).isEqualTo(one);
    assertThat(five).isEqualTo(one);
    assertThat(rejects(2)).isEqualTo(rejects(1));
    assertThat(rejects(5)).isEqualTo(rejects(1));
  }

  private Manifest prepare(PrepareConfig config, int numTasks) throws IOException {
    try (SparkSession spark = LocalSpark.start(numTasks)) {
      String output = folder.resolve("out/tasks-" + numTasks).toUri().toString();
      return DatasetPreparation.prepare(spark, LlavaFolder.withOutput(config, output)).manifest();
    }
  }

  private String rejects(int numTasks) throws IOException {
    Path file = folder.resolve("out/tasks-" + numTasks + "/rejects/rejects.parquet");
    return Arrays.toString(Files.readAllBytes(file));
  }
}
