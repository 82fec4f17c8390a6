package io.tokenflex.dataprep.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.testing.LocalSpark;
import io.tokenflex.dataprep.testing.TestConfig;
import io.tokenflex.dataprep.verify.DatasetVerification;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LostRecordsTest {
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

  /** Seven rows in row groups of 3, 3 and 1; the first is damaged from its beginning. */
  private TestConfig damaged() throws IOException {
    byte[] content;
    try (InputStream stream = getClass().getResourceAsStream("/sources/hf-conversations.parquet")) {
      content = stream.readAllBytes();
    }
    Arrays.fill(content, 4, 20, (byte) 0xFF);
    Path input = Files.write(folder.resolve("in.parquet"), content);
    return new TestConfig()
        .inputs(InputConfig.of(input.toUri().toString(), ""))
        .output(folder.resolve("dataset").toUri().toString());
  }

  @Test
  void theRowsOfADamagedRowGroupCountOneByOne() throws IOException {
    PrepareConfig config = damaged().maxRejectFraction(1).build();
    Manifest manifest = DatasetPreparation.prepare(spark, config).manifest();
    assertThat(manifest.run().inputRows()).isEqualTo(7);
    assertThat(manifest.run().rejects()).isEqualTo(Map.of("UNREADABLE_FILE", 3L));
    assertThat(
            spark
                .read()
                .parquet(config.output() + "/" + manifest.run().rejectsFile())
                .select("records")
                .collectAsList()
                .get(0)
                .getLong(0))
        .isEqualTo(3);
    assertThat(DatasetVerification.verify(spark, config.output(), Optional.empty()).faults())
        .isEmpty();
    PrepareConfig cautious =
        damaged().output(folder.resolve("other").toUri().toString()).maxRejectFraction(0.4).build();
    assertThatThrownBy(() -> DatasetPreparation.prepare(spark, cautious))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("3 of 7 records")
        .hasMessageContaining("UNREADABLE_FILE 3, the first is record 0 of file:");
  }
}
