package io.tokenflex.dataprep.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.prepare.PrepareSummary.Outcome;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.dataprep.testing.LlavaFolder;
import io.tokenflex.dataprep.testing.LocalSpark;
import io.tokenflex.dataprep.testing.TestConfig;
import io.tokenflex.dataprep.verify.DatasetVerification;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetPreparationTest {
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
  void samplesComeBackAsTheyWereGiven() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder);
    ObjectNode twoImages = llava.record("two images");
    twoImages.putArray("image").add("two images.png").add("second.jpg");
    byte[] second = LlavaFolder.pictureBytes("jpeg", 2);
    llava.image("second.jpg", second);
    LlavaFolder.turn(twoImages, 0).put("value", "<image> or <image>? Grüße, 世界 \uD83D\uDE00");
    twoImages.put("kind", "choice").put("difficulty", 3).put("checked", true).putNull("note");
    twoImages.putArray("tags").add("dropped");
    ObjectNode textOnly = llava.record("no image").putNull("image");
    LlavaFolder.turn(textOnly, 0).put("value", "Hello?");
    PrepareConfig config = llava.add(twoImages).add(textOnly).asArray().build();

    PrepareSummary summary = DatasetPreparation.prepare(spark, config);

    assertThat(summary.outcome()).isEqualTo(Outcome.PUBLISHED);
    assertThat(summary.manifest().run().rejects()).isEmpty();
    List<Sample> samples = readAll(config);
    assertThat(samples).extracting(Sample::id).containsExactlyInAnyOrder("two images", "no image");
    Sample sample =
        samples.stream().filter(s -> s.id().equals("two images")).findFirst().orElseThrow();
    assertThat(sample.conversation())
        .containsExactly(
            new Turn(Role.USER, "<image> or <image>? Grüße, 世界 \uD83D\uDE00"),
            new Turn(Role.ASSISTANT, "It is two images."));
    assertThat(sample.images()).hasSize(2);
    assertThat(sample.images().get(1).bytes()).isEqualTo(second);
    assertThat(sample.images().get(1).width()).isEqualTo(24);
    assertThat(sample.images().get(1).height()).isEqualTo(16);
    assertThat(sample.metadata())
        .isEqualTo(Map.of("kind", "choice", "difficulty", "3", "checked", "true"));
    assertThat(sample.source()).isEqualTo("input.json record 0");
  }

  @Test
  void rowGroupsAreEquallyLongUpToTheLast() throws IOException {
    PrepareConfig config = new LlavaFolder(folder).addValid(21).asLines().build();
    DatasetPreparation.prepare(spark, config);
    try (ParquetSampleSource source = open(config)) {
      List<Integer> rows = new ArrayList<>();
      for (int i = 0; i < source.numRowGroups(); i++) {
        rows.add(source.numRows(i));
        assertThat(source.readRowGroup(i)).hasSize(source.numRows(i));
      }
      assertThat(rows).containsExactly(4, 4, 4, 4, 4, 1);
      assertThat(source.manifest().shards())
          .extracting(Manifest.Shard::file)
          .allSatisfy(file -> assertThat(file).matches("data/00001-.{8}/shard-0000[012].parquet"))
          .hasSize(3);
    }
  }

  @Test
  void rowGroupsEndBeforeTheyHaveTooManyBytes() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder);
    Random random = new Random(3);
    for (int i = 0; i < 40; i++) {
      ObjectNode record = llava.record("sample-" + i);
      LlavaFolder.turn(record, 1).put("value", "x".repeat(random.nextInt(150)) + ".");
      llava.add(record);
      if (i % 4 == 0) {
        // Zeroes behind its end make a file larger than the bound.
        byte[] picture = LlavaFolder.pictureBytes("png", i);
        llava.image("sample-" + i + ".png", Arrays.copyOf(picture, picture.length + 5_000));
      }
    }
    long bound = 5_000;
    PrepareConfig config =
        llava.asLines().rowsPerRowGroup(8).maxRowGroupBytes(bound).targetShardBytes(12_000).build();

    Manifest manifest = DatasetPreparation.prepare(spark, config).manifest();

    assertThat(manifest.formatVersion()).isEqualTo(3);
    assertThat(manifest.shards()).hasSizeGreaterThan(3);
    List<Integer> lengths = new ArrayList<>();
    try (ParquetSampleSource source = open(config)) {
      for (int i = 0; i < source.numRowGroups(); i++) {
        List<Sample> rows = source.readRowGroup(i);
        assertThat(rows).hasSize(source.numRows(i));
        long bytes = rows.stream().mapToLong(DatasetPreparationTest::bytesOf).sum();
        assertThat(rows.size() == 1 || bytes <= bound)
            .as("row group %d has %d bytes in %d rows", i, bytes, rows.size())
            .isTrue();
        lengths.add(rows.size());
      }
    }
    assertThat(lengths).contains(1).anyMatch(length -> length > 2).allMatch(length -> length <= 8);
    assertThat(readAll(config)).hasSize(40);
    assertThat(DatasetVerification.verify(spark, config.output(), Optional.empty()).faults())
        .isEmpty();
  }

  @Test
  void evenRowGroupsMakeADatasetThatOlderProgramsRead() throws IOException {
    PrepareConfig config = new LlavaFolder(folder).addValid(9).asLines().build();
    Manifest manifest = DatasetPreparation.prepare(spark, config).manifest();
    assertThat(manifest.formatVersion()).isEqualTo(2);
    assertThat(
            Files.readString(Path.of(URI.create(config.output())).resolve("versions/00001.json")))
        .doesNotContain("rowGroupRows");
  }

  @Test
  void theBoundOfRowGroupsMayChangeFromVersionToVersion() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder).addValid(9);
    DatasetPreparation.prepare(spark, llava.asLines().build());
    llava.add(llava.record("new-1")).add(llava.record("new-2"));
    PrepareConfig config = llava.asLines().maxRowGroupBytes(1).build();
    Manifest manifest = DatasetPreparation.prepare(spark, config).manifest();
    assertThat(manifest.run().rows()).isEqualTo(2);
    assertThat(readAll(config)).hasSize(11);
  }

  @Test
  void outOfMemoryNamesTheMemoryAndTheSettings() {
    assertThat(WriteShard.outOfMemory(128, 627L << 20, 64L << 20))
        .contains(
            "a row group of 128 samples and 627 MiB",
            "in a heap of " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB",
            "spark.executor.memory",
            "prepare.maxRowGroupBytes (64 MiB)");
  }

  private static long bytesOf(Sample sample) {
    return sample.images().stream().mapToLong(image -> image.bytes().length).sum()
        + sample.conversation().stream().mapToLong(turn -> turn.text().length()).sum();
  }

  @Test
  void sparkReadsShardsAsOurReaderDoes() throws IOException {
    PrepareConfig config = new LlavaFolder(folder).addValid(40).asLines().build();
    DatasetPreparation.prepare(spark, config);
    List<Row> rows =
        spark
            .read()
            .parquet(config.output() + "/data/*/shard-*.parquet")
            .selectExpr(
                "id", "source", "conversation[1].role", "conversation[1].text", "images[0].bytes")
            .orderBy("id")
            .collectAsList();
    List<Sample> samples = new ArrayList<>(readAll(config));
    samples.sort(Comparator.comparing(Sample::id));
    assertThat(rows).hasSameSizeAs(samples);
    for (int i = 0; i < rows.size(); i++) {
      Sample sample = samples.get(i);
      assertThat(rows.get(i).getString(0)).isEqualTo(sample.id());
      assertThat(rows.get(i).getString(1)).isEqualTo(sample.source());
      assertThat(rows.get(i).getString(2)).isEqualTo("assistant");
      assertThat(rows.get(i).getString(3)).isEqualTo(sample.conversation().get(1).text());
      assertThat(rows.get(i).<byte[]>getAs(4)).isEqualTo(sample.images().get(0).bytes());
    }
  }

  @Test
  void aFolderThatIsNoDatasetIsNeverTouched() throws IOException {
    PrepareConfig config = new LlavaFolder(folder).addValid(5).asArray().overwriting().build();
    Path precious = Files.createDirectories(folder.resolve("out/dataset")).resolve("thesis.txt");
    Files.writeString(precious, "years of work");
    assertThatThrownBy(() -> DatasetPreparation.prepare(spark, config))
        .hasMessageContaining("exists but is not a dataset");
    assertThat(precious).hasContent("years of work");
  }

  @Test
  void anEmptyFolderBecomesTheDataset() throws IOException {
    PrepareConfig config = new LlavaFolder(folder).addValid(5).asArray().build();
    Files.createDirectories(folder.resolve("out/dataset"));
    DatasetPreparation.prepare(spark, config);
    assertThat(readAll(config)).hasSize(5);
  }

  @Test
  void tooManyRejectsFailTheRunAndLeaveNothing() {
    LlavaFolder llava = new LlavaFolder(folder).addValid(3);
    llava.add(llava.record("broken").put("image", "nowhere.png"));
    PrepareConfig config = llava.asArray().maxRejectFraction(0.2).build();
    assertThatThrownBy(() -> DatasetPreparation.prepare(spark, config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 of 4 records")
        .hasMessageContaining("IMAGE_MISSING 1, the first is record ");
    assertThat(llava.outputNames()).isEmpty();
  }

  @Test
  void aBrokenArrayIsRefusedWithItsPlace() throws IOException {
    PrepareConfig config =
        new LlavaFolder(folder).addValid(1).addLine("{\"id\":").asArray().build();
    assertThatThrownBy(() -> DatasetPreparation.prepare(spark, config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("input.json is not valid JSON at byte")
        .hasMessageContaining("use one record a line");
  }

  @Test
  void missingInputsAreNamed() {
    TestConfig config = new LlavaFolder(folder).addValid(1).asArray();
    String input = folder.resolve("input.json").toUri().toString();
    String images = folder.resolve("images").toUri().toString();
    PrepareConfig noImages = config.inputs(InputConfig.of(input, images + "x")).build();
    assertThatThrownBy(() -> DatasetPreparation.prepare(spark, noImages))
        .hasMessageContaining("There is no image folder");
    PrepareConfig noInput = config.inputs(InputConfig.of(input + "x", images)).build();
    assertThatThrownBy(() -> DatasetPreparation.prepare(spark, noInput))
        .hasMessageContaining("There is no input file");
  }

  private static ParquetSampleSource open(PrepareConfig config) throws IOException {
    return ParquetSampleSource.open(config.output(), new Configuration());
  }

  private static List<Sample> readAll(PrepareConfig config) throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (ParquetSampleSource source = open(config)) {
      for (int i = 0; i < source.numRowGroups(); i++) {
        samples.addAll(source.readRowGroup(i));
      }
    }
    return samples;
  }
}
