package io.tokenflex.dataprep.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.testing.LlavaFolder;
import io.tokenflex.dataprep.testing.LocalSpark;
import io.tokenflex.dataprep.testing.TestConfig;
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
    TestConfig config = llava.asLines();

    Manifest one = prepare(config, 1);
    Manifest two = prepare(config, 2);
    Manifest five = prepare(config, 5);

    assertThat(one.run().rejects()).containsKeys("DUPLICATE_ID", "EMPTY_TEXT");
    assertThat(two.contentFingerprint()).isEqualTo(one.contentFingerprint());
    assertThat(five.contentFingerprint()).isEqualTo(one.contentFingerprint());
    assertThat(rejects(2, two)).isEqualTo(rejects(1, one));
    assertThat(rejects(5, five)).isEqualTo(rejects(1, one));
  }

  private Manifest prepare(TestConfig config, int numTasks) throws IOException {
    try (SparkSession spark = LocalSpark.start(numTasks)) {
      String output = folder.resolve("out/tasks-" + numTasks).toUri().toString();
      return DatasetPreparation.prepare(spark, config.output(output).build()).manifest();
    }
  }

  private String rejects(int numTasks, Manifest manifest) throws IOException {
    Path file = folder.resolve("out/tasks-" + numTasks + "/" + manifest.run().rejectsFile());
    return Arrays.toString(Files.readAllBytes(file));
  }
}
