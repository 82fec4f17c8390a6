package io.tokenflex.dataprep.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.dataprep.testing.LlavaFolder;
import io.tokenflex.dataprep.testing.LocalSpark;
import io.tokenflex.samples.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Random inputs with random faults: whatever comes, every record ends in exactly one place. */
class DatasetPreparationPropertyTest {
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

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyRecordIsEitherASampleOrAReject(long seed) throws IOException {
    checkEveryRecord(seed);
  }

  static LongStream manyMoreSeeds() {
    return LongStream.rangeClosed(5, 84);
  }

  @ParameterizedTest
  @Tag("slow")
  @MethodSource("manyMoreSeeds")
  void everyRecordOfManyMoreInputsIsEitherASampleOrAReject(long seed) throws IOException {
    checkEveryRecord(seed);
  }

  private void checkEveryRecord(long seed) throws IOException {
    Random random = new Random(seed);
    LlavaFolder llava = new LlavaFolder(folder);
    Set<String> validIds = new HashSet<>();
    int numRecords = 1 + random.nextInt(60);
    llava.add(llava.record("always valid"));
    validIds.add("always valid");
    for (int i = 0; i < numRecords; i++) {
      // Few ids, so that some come twice.
      String id = "id-" + random.nextInt(50);
      ObjectNode record = llava.record(id);
      if (random.nextInt(4) > 0) {
        validIds.add(id);
        llava.add(record);
      } else {
        addBroken(llava, record, random);
      }
    }
    PrepareConfig config = llava.asLines().maxRowGroupBytes(1 + random.nextInt(6000)).build();

    Manifest manifest = DatasetPreparation.prepare(spark, config).manifest();

    List<String> ids = readIds(config);
    assertThat(ids).as("seed %d", seed).doesNotHaveDuplicates();
    assertThat(new HashSet<>(ids)).as("seed %d", seed).isEqualTo(validIds);
    long numRejects =
        spark.read().parquet(config.output() + "/" + manifest.run().rejectsFile()).count();
    assertThat(ids.size() + numRejects).as("seed %d", seed).isEqualTo(llava.size());
    assertThat(manifest.rows()).as("seed %d", seed).isEqualTo(ids.size());
    assertThat(manifest.run().inputRows()).as("seed %d", seed).isEqualTo(llava.size());
  }

  private static void addBroken(LlavaFolder llava, ObjectNode record, Random random) {
    switch (random.nextInt(6)) {
      case 0 -> llava.addLine(record.toString().substring(0, 10 + random.nextInt(20)));
      case 1 -> llava.addLine("[" + random.nextInt() + "]");
      case 2 -> {
        record.remove("conversations");
        llava.add(record);
      }
      case 3 -> llava.add(record.put("image", "missing-" + random.nextInt()));
      case 4 -> {
        byte[] file = LlavaFolder.pictureBytes("jpeg", random.nextInt());
        String name = llava.image("cut-" + llava.size() + ".jpg", LlavaFolder.half(file));
        llava.add(record.put("image", name));
      }
      default -> {
        LlavaFolder.turn(record, random.nextInt(2)).put("value", "<image>".repeat(3));
        llava.add(record);
      }
    }
  }

  private static List<String> readIds(PrepareConfig config) throws IOException {
    List<String> ids = new ArrayList<>();
    try (ParquetSampleSource source =
        ParquetSampleSource.open(config.output(), new Configuration())) {
      for (int i = 0; i < source.numRowGroups(); i++) {
        source.readRowGroup(i).stream().map(Sample::id).forEach(ids::add);
      }
    }
    return ids;
  }
}
