package io.tokenflex.dataprep.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dataset.VersionConflictException;
import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.dedup.DedupConfig.Scope;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.prepare.PrepareSummary.Outcome;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.dataprep.source.SourceOptions;
import io.tokenflex.dataprep.testing.LlavaFolder;
import io.tokenflex.dataprep.testing.LocalSpark;
import io.tokenflex.dataprep.testing.TestConfig;
import io.tokenflex.dataprep.validate.RecordLimits;
import io.tokenflex.image.ImageNormalization;
import io.tokenflex.samples.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Datasets that grow, are made anew, or leave out what they hold already. */
class DatasetVersionsTest {
  private static final Configuration HADOOP = new Configuration();

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

  private static PrepareSummary prepare(TestConfig config) throws IOException {
    return DatasetPreparation.prepare(spark, config.build());
  }

  private static List<String> ids(TestConfig config, int version) throws IOException {
    List<String> ids = new ArrayList<>();
    try (ParquetSampleSource source =
        ParquetSampleSource.open(config.build().output(), Optional.of(version), HADOOP)) {
      for (int i = 0; i < source.numRowGroups(); i++) {
        source.readRowGroup(i).stream().map(Sample::id).forEach(ids::add);
      }
    }
    return ids;
  }

  @Test
  void anUnchangedInputHoldsNothingNew() throws IOException {
    TestConfig config = new LlavaFolder(folder).addValid(5).asArray();
    PrepareSummary first = prepare(config);
    PrepareSummary second = prepare(config);
    assertThat(first.outcome()).isEqualTo(Outcome.PUBLISHED);
    assertThat(second.outcome()).isEqualTo(Outcome.NOTHING_NEW);
    assertThat(second.manifest()).isEqualTo(first.manifest());
  }

  @Test
  void aGrownInputAddsOnlyWhatIsNew() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder).addValid(9);
    Manifest first = prepare(llava.asLines()).manifest();
    llava.add(llava.record("new 1")).add(llava.record("new 2").put("image", "nowhere.png"));
    TestConfig config = llava.add(llava.record("new 3")).asLines();

    Manifest second = prepare(config).manifest();

    assertThat(second.version()).isEqualTo(2);
    assertThat(second.parent()).isEqualTo(1);
    assertThat(second.shards()).startsWith(first.shards().toArray(Manifest.Shard[]::new));
    assertThat(second.rows()).isEqualTo(11);
    assertThat(second.run().inputRows()).isEqualTo(12);
    assertThat(second.run().alreadyPresent()).isEqualTo(9);
    assertThat(second.run().rows()).isEqualTo(2);
    assertThat(second.run().rejects()).isEqualTo(Map.of("IMAGE_MISSING", 1L));
    List<String> before = ids(config, 1);
    List<String> after = ids(config, 2);
    assertThat(after).startsWith(before.toArray(String[]::new)).contains("new 1", "new 3");
    assertThat(after).hasSize(11).doesNotHaveDuplicates();
  }

  @Test
  void anInputThatWasOnlyTouchedIsReadButAddsNothing() throws IOException {
    TestConfig config = new LlavaFolder(folder).addValid(5).asArray();
    prepare(config);
    Files.setLastModifiedTime(folder.resolve("input.json"), FileTime.fromMillis(1_000_000));
    PrepareSummary second = prepare(config);
    assertThat(second.outcome()).isEqualTo(Outcome.NOTHING_NEW);
    assertThat(second.manifest().version()).isEqualTo(2);
    assertThat(second.manifest().run().alreadyPresent()).isEqualTo(5);
    assertThat(prepare(config).manifest().version()).as("read only once").isEqualTo(2);
  }

  @Test
  void anImageThatArrivesLaterBringsItsRecord() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder).addValid(3);
    llava.add(llava.record("late").put("image", "late-picture.png"));
    TestConfig config = llava.asLines();
    assertThat(prepare(config).manifest().run().rejects()).containsKey("IMAGE_MISSING");
    llava.image("late-picture.png", LlavaFolder.pictureBytes("png", 99));
    assertThat(prepare(config).manifest().run().rows()).isEqualTo(1);
    assertThat(ids(config, 2)).contains("late");
  }

  @Test
  void aRecordThatChangedUnderItsIdIsRejected() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder).addValid(3);
    ObjectNode record = llava.record("changing");
    prepare(llava.add(record).asLines());
    LlavaFolder changed = new LlavaFolder(folder).addValid(3);
    ObjectNode other = changed.record("changing");
    LlavaFolder.turn(other, 1).put("value", "Something else.");
    Manifest second = prepare(changed.add(other).asLines()).manifest();
    assertThat(second.run().rejects()).isEqualTo(Map.of("DUPLICATE_ID", 1L));
    assertThat(second.run().alreadyPresent()).isEqualTo(3);
  }

  @Test
  void otherSettingsAreRefusedUnlessTheDatasetMayBeMadeAnew() throws IOException {
    TestConfig config = new LlavaFolder(folder).addValid(5).asArray();
    prepare(config);
    assertThatThrownBy(() -> prepare(config.seed(8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was prepared with other settings")
        .hasMessageContaining("set prepare.overwrite = true");

    Manifest anew = prepare(config.overwriting()).manifest();

    assertThat(anew.version()).isEqualTo(2);
    assertThat(anew.parent()).isZero();
    assertThat(anew.rows()).isEqualTo(5);
    assertThat(ids(config, 1)).as("the old version is untouched").hasSize(5);
  }

  @Test
  void picturesReplacedUnderTheirNamesComeWithAnotherEdition() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder).addValid(2);
    TestConfig config = llava.asLines();
    String before = prepare(config).manifest().contentFingerprint();
    llava.image("sample-0001.png", LlavaFolder.pictureBytes("bmp", 5));
    assertThat(prepare(config).manifest().contentFingerprint()).isEqualTo(before);

    Manifest anew = prepare(config.edition("with the new pictures").overwriting()).manifest();

    assertThat(anew.contentFingerprint()).isNotEqualTo(before);
    assertThat(anew.rows()).isEqualTo(2);
  }

  @Test
  void ofTwoRunsAtOnceOneWinsAndTheOtherLeavesNothing() throws IOException {
    TestConfig config = new LlavaFolder(folder).addValid(5).asArray();
    Manifest first = prepare(config).manifest();
    DatasetFolder dataset = DatasetFolder.at(config.build().output(), HADOOP);
    Manifest rival =
        new Manifest(
            first.formatVersion(),
            first.version(),
            first.parent(),
            "another moment",
            first.rows(),
            first.images(),
            first.bytes(),
            first.rowsPerRowGroup(),
            first.shards(),
            first.run(),
            first.inputs(),
            first.seed(),
            first.dedup(),
            first.configDigest(),
            null);
    assertThatThrownBy(() -> dataset.publish(rival))
        .isInstanceOf(VersionConflictException.class)
        .hasMessageContaining("was published by another run")
        .hasMessageContaining("Run again");
    assertThat(dataset.newest()).contains(first);
    assertThat(LlavaFolder.names(folder.resolve("out/dataset/versions")))
        .containsExactly("00001.json");
  }

  @Test
  void publishingTheSameVersionAgainFindsItPublished() throws IOException {
    TestConfig config = new LlavaFolder(folder).addValid(1).asArray();
    Manifest first = prepare(config).manifest();
    DatasetFolder dataset = DatasetFolder.at(config.build().output(), HADOOP);
    dataset.publish(first);
    assertThat(dataset.newest()).contains(first);
  }

  @Test
  void whatAKilledRunLeftIsNoPartOfTheDataset() throws IOException {
    TestConfig config = new LlavaFolder(folder).addValid(5).asArray();
    DatasetFolder dataset = DatasetFolder.at(config.build().output(), HADOOP);
    String killed = dataset.createRun(1);
    assertThat(dataset.newest()).isEmpty();
    prepare(config);
    assertThat(ids(config, 1)).hasSize(5);
    assertThat(dataset.unpublishedRuns())
        .singleElement()
        .satisfies(run -> assertThat(run.getPath().toString()).endsWith(killed));
  }

  @Test
  void inputsAreMixedAndTheirIdsKeptApart() throws IOException {
    LlavaFolder one = new LlavaFolder(folder.resolve("one")).addValid(3);
    LlavaFolder two = new LlavaFolder(folder.resolve("two")).addValid(3);
    InputConfig first = one.asLines().build().inputs().get(0);
    InputConfig second = two.asArray().build().inputs().get(0);
    InputConfig prefixed =
        new InputConfig(
            second.path(), second.imageFolder(), "llava", "two-", SourceOptions.usual());
    TestConfig config = one.asLines().inputs(first, prefixed);
    prepare(config);
    assertThat(ids(config, 1)).hasSize(6).contains("sample-0001", "two-sample-0001");
    assertThatThrownBy(() -> prepare(config.inputs(first, first)))
        .hasMessageContaining("belongs to two inputs");
  }

  @Test
  void aGlobAndAFolderFindTheirFiles() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder);
    Path raw = Files.createDirectories(folder.resolve("raw"));
    for (int i = 0; i < 3; i++) {
      Files.writeString(
          raw.resolve(String.format(Locale.ROOT, "part-%d.jsonl", i)),
          llava.record("id-" + i) + "\n");
    }
    Files.writeString(raw.resolve("_SUCCESS"), "");
    String images = folder.resolve("images").toUri().toString();
    TestConfig config = llava.asLines();
    String path = raw.toUri().toString();
    prepare(config.inputs(InputConfig.of(path + "part-[01].jsonl", images)));
    assertThat(ids(config, 1)).containsExactlyInAnyOrder("id-0", "id-1");
    prepare(config.inputs(InputConfig.of(path, images)));
    assertThat(ids(config, 2)).containsExactlyInAnyOrder("id-0", "id-1", "id-2");
  }

  @Test
  void samplesThatSayAndShowTheSameAreKeptOnce() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder);
    for (String id : List.of("original", "copy", "other question")) {
      ObjectNode record = llava.record(id).put("image", "original.png");
      LlavaFolder.turn(record, 0)
          .put("value", id.equals("other question") ? "<image>\nWho?" : "<image>\nWhat?");
      LlavaFolder.turn(record, 1).put("value", "This.");
      llava.add(record);
    }
    TestConfig config = llava.asLines();

    config.dedup(new DedupConfig(true, DedupConfig.NO_NEAR_SEARCH, Scope.SAMPLE));
    assertThat(prepare(config).manifest().run().rejects()).isEqualTo(Map.of("DUPLICATE", 1L));
    assertThat(ids(config, 1)).containsExactlyInAnyOrder("original", "other question");

    config.dedup(new DedupConfig(true, DedupConfig.NO_NEAR_SEARCH, Scope.IMAGE)).overwriting();
    prepare(config);
    assertThat(ids(config, 2)).containsExactly("original");
  }

  @Test
  void whatAnotherDatasetHoldsIsLeftOutThoughItsPictureIsSmaller() throws IOException {
    LlavaFolder heldout = new LlavaFolder(folder.resolve("heldout"));
    heldout.image("half.png", gradient(50, 40));
    heldout.add(heldout.record("question").put("image", "half.png"));
    DedupConfig near = new DedupConfig(true, 6, Scope.IMAGE);
    RecordLimits limits = new RecordLimits(100_000, 1000, 1, 100, 100_000, 200);
    TestConfig other = heldout.asLines().dedup(near).limits(limits);
    prepare(other);
    LlavaFolder llava = new LlavaFolder(folder.resolve("train")).addValid(2);
    llava.image("full.png", gradient(100, 80));
    TestConfig config = llava.add(llava.record("leak").put("image", "full.png")).asLines();
    config.limits(limits).dedup(near, other.build().output());

    Manifest manifest = prepare(config).manifest();

    assertThat(manifest.run().rejects()).isEqualTo(Map.of("NEAR_DUPLICATE", 1L));
    String detail =
        spark
            .read()
            .parquet(config.build().output() + "/" + manifest.run().rejectsFile())
            .first()
            .getAs("detail");
    assertThat(detail).contains("heldout").contains("question").contains("of 64 bits differ");
  }

  @Test
  void addedSamplesAreComparedWithThoseOfTheParent() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder).addValid(3);
    DedupConfig exact = new DedupConfig(true, DedupConfig.NO_NEAR_SEARCH, Scope.IMAGE);
    prepare(llava.asLines().dedup(exact));
    llava.add(llava.record("again").put("image", "sample-0001.png"));
    Manifest second = prepare(llava.asLines().dedup(exact)).manifest();
    assertThat(second.run().rejects()).isEqualTo(Map.of("DUPLICATE", 1L));
    assertThat(second.run().alreadyPresent()).isEqualTo(3);
  }

  @Test
  void picturesAboveTheLimitAreStoredSmaller() throws IOException {
    LlavaFolder llava = new LlavaFolder(folder).addValid(1);
    TestConfig config = llava.asLines().images(new ImageNormalization(12, 90));
    prepare(config);
    try (ParquetSampleSource source = ParquetSampleSource.open(config.build().output(), HADOOP)) {
      Sample sample = source.readRowGroup(0).get(0);
      assertThat(sample.images().get(0).width()).isEqualTo(12);
      assertThat(sample.images().get(0).height()).isEqualTo(8);
    }
  }

  private static byte[] gradient(int width, int height) throws IOException {
    var image =
        new java.awt.image.BufferedImage(width, height, java.awt.image.BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double u = (double) x / width;
        double v = (double) y / height;
        int level = (int) (127 + 120 * Math.sin(9 * u + 3 * Math.sin(7 * v)));
        image.setRGB(x, y, level * 0x010101);
      }
    }
    var bytes = new java.io.ByteArrayOutputStream();
    javax.imageio.ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }
}
