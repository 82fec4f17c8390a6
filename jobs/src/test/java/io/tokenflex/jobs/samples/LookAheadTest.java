package io.tokenflex.jobs.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.judge.SampleFaults;
import io.tokenflex.dataprep.judge.SampleJudge;
import io.tokenflex.dataprep.prepare.DatasetPreparation;
import io.tokenflex.dataprep.prepare.PrepareConfig;
import io.tokenflex.dataprep.prepare.PrepareSummary;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.LevelNormalization;
import io.tokenflex.image.TilingTransform;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.run.RunText;
import io.tokenflex.jobs.testing.SmallPreparation;
import io.tokenflex.jobs.testing.SparkForTests;
import io.tokenflex.modelfolder.ImageProcessorJson;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run cannot train on is said before its first step. */
class LookAheadTest {
  private static final int NUM_SAMPLES = 40;
  private static final String WHOLE = "data.checkSamples=1000";

  @TempDir private static Path dataFolder;
  private static DatasetFolder dataset;
  private static PrepareConfig prepareConfig;
  private static Manifest manifest;

  @TempDir private Path folder;
  private RunFolder runFolder;

  @BeforeAll
  static void prepare() throws IOException {
    Files.createDirectories(dataFolder.resolve("images"));
    ImageIO.write(
        new BufferedImage(64, 16, BufferedImage.TYPE_INT_RGB),
        "png",
        dataFolder.resolve("images/wide.png").toFile());
    List<String> records = new ArrayList<>();
    for (int i = 0; i < NUM_SAMPLES; i++) {
      String answer =
          i == 7 ? "qzx jkv ".repeat(200) : i == 9 ? "qzx jkv ".repeat(900) : "fine " + i;
      records.add(
          String.format(
              Locale.ROOT,
              "{\"id\": \"s-%02d\", \"image\": \"wide.png\", \"conversations\": [{\"from\":"
                  + " \"human\", \"value\": \"<image>what is %d?\"}, {\"from\": \"gpt\","
                  + " \"value\": \"%s\"}]}",
              i,
              i,
              answer));
    }
    Files.write(dataFolder.resolve("input.jsonl"), records);
    prepareConfig =
        SmallPreparation.of(
            dataFolder.resolve("input.jsonl"),
            dataFolder.resolve("images"),
            dataFolder.resolve("dataset").toUri().toString(),
            4,
            1);
    manifest = DatasetPreparation.prepare(SparkForTests.session(), prepareConfig).manifest();
    dataset = DatasetFolder.at(prepareConfig.output(), new Configuration());
    assertThat(manifest.rows()).isEqualTo(NUM_SAMPLES);
  }

  @BeforeEach
  void open() throws IOException {
    runFolder = RunFolder.of(folder.toUri().toString(), new Configuration());
  }

  private LookAhead lookAhead(SparkSession session, String... overrides) {
    RunConfig config = RunConfig.loadResource("conf/quickstart.conf", List.of(overrides)).config();
    return new LookAhead(session, config, runFolder);
  }

  private void check(String... overrides) {
    lookAhead(SparkForTests.session(), overrides).check(dataset, manifest);
  }

  @Test
  void fewSamplesThatCannotBeTrainedOnAreTold() throws IOException {
    check(WHOLE, "train.maxBadSampleFraction=0.05");
    assertThat(runFolder.readText(LookAhead.FILE_NAME))
        .contains(
            "\"checked\" : 40",
            "\"bad\" : 2",
            "Sample s-07 has ",
            " tokens at 256 vision tokens per image, but the model has 640 positions",
            "Sample s-09 has ");
  }

  @Test
  void whatPrepareFoundInAllSamplesAnswersTrain() throws IOException {
    LookAhead lookAhead = lookAhead(SparkForTests.session(), "train.maxBadSampleFraction=0.04");
    PrepareSummary prepared = prepareTo("judged", lookAhead.judge());
    assertThat(prepared.faults().checked()).isEqualTo(NUM_SAMPLES);
    assertThat(prepared.faults().failure()).isEmpty();
    assertThat(prepared.faults().examplesById()).containsOnlyKeys("s-07", "s-09");
    lookAhead.tell(prepared);
    assertThat(prepared.manifest().contentFingerprint()).isEqualTo(manifest.contentFingerprint());
    String found = runFolder.readText(LookAhead.FILE_NAME);
    runFolder.writeText(LookAhead.FILE_NAME, found.replace("\"bad\" : 2", "\"bad\" : 39"));
    assertThatThrownBy(() -> lookAhead.check(dataset, manifest))
        .as("the answer that lies there")
        .hasMessageStartingWith("39 of 40 samples");
  }

  @Test
  void aShareThatPrepareLookedAtAnswersNothingElse() throws IOException {
    LookAhead lookAhead = lookAhead(SparkForTests.session(), "data.checkSamples=10");
    PrepareSummary prepared = prepareTo("share", lookAhead.judge());
    assertThat(prepared.faults().checked()).isEqualTo(10);
    lookAhead.tell(prepared);
    assertThat(runFolder.exists(LookAhead.FILE_NAME)).isFalse();
  }

  @Test
  void prepareLooksAtNothingWhereThatIsNotWantedOrNotPossible() {
    SparkSession spark = SparkForTests.session();
    assertThat(lookAhead(spark, "data.checkSamples=0").judge()).isEqualTo(SampleJudge.NONE);
    assertThat(lookAhead(spark, "tokenizer=/no/such/folder").judge()).isEqualTo(SampleJudge.NONE);
  }

  private static PrepareSummary prepareTo(String name, SampleJudge judge) throws IOException {
    PrepareConfig config =
        new PrepareConfig(
            prepareConfig.inputs(),
            dataFolder.resolve(name).toUri().toString(),
            prepareConfig.seed(),
            prepareConfig.dedupAgainst(),
            prepareConfig.settings());
    return DatasetPreparation.prepare(SparkForTests.session(), config, judge);
  }

  @Test
  void moreThanTheRunAllowsEndItBeforeItsFirstStep() {
    assertThatThrownBy(() -> check(WHOLE, "train.maxBadSampleFraction=0.04"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("2 of 40 samples cannot be trained on. Sample s-07 has ")
        .hasMessageContaining(
            "raise model.language.maxPositionEmbeddings or leave the sample out. Sample s-09 has ")
        .hasMessageEndingWith(
            "That is more than train.maxBadSampleFraction = 0.04 allows: mend that, or allow more");
    assertThatThrownBy(() -> check(WHOLE, "train.onBadSample=fail"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("or set train.onBadSample = skip to train without them");
  }

  @Test
  void aRunThatTakesEverySampleSaysNothing() throws IOException {
    check(WHOLE, "model.language.maxPositionEmbeddings=4096", "train.maxBadSampleFraction=0.025");
    assertThat(runFolder.readText(LookAhead.FILE_NAME)).contains("\"bad\" : 1");
    assertThatCode(() -> check("data.checkSamples=0", "train.onBadSample=fail"))
        .doesNotThrowAnyException();
  }

  @Test
  void theSameQuestionIsAnsweredFromTheRunsFolderAndAnotherIsNot() throws IOException {
    check(WHOLE);
    String found = runFolder.readText(LookAhead.FILE_NAME);
    runFolder.writeText(LookAhead.FILE_NAME, found.replace("\"bad\" : 2", "\"bad\" : 39"));
    assertThatThrownBy(() -> check(WHOLE)).hasMessageStartingWith("39 of 40 samples");
    assertThatCode(() -> check(WHOLE, "model.language.maxPositionEmbeddings=4096"))
        .as("another limit is another question")
        .doesNotThrowAnyException();
    for (String cut : List.of("", "{", "null", "[]", "{\"of\": null}", found.substring(0, 40))) {
      runFolder.writeText(LookAhead.FILE_NAME, cut);
      assertThatCode(() -> check(WHOLE)).as(cut).doesNotThrowAnyException();
      assertThat(runFolder.readText(LookAhead.FILE_NAME)).as(cut).isEqualTo(found);
    }
  }

  @Test
  void whatCannotBeLookedAtEndsNothing() throws IOException {
    List<Manifest.Shard> gone =
        manifest.shards().stream()
            .map(
                shard ->
                    new Manifest.Shard(
                        shard.file() + "-gone",
                        shard.rows(),
                        shard.rowGroups(),
                        shard.images(),
                        shard.bytes(),
                        shard.sha256(),
                        List.of()))
            .toList();
    Manifest lost =
        new Manifest(
            manifest.formatVersion(),
            manifest.version(),
            manifest.parent(),
            manifest.createdAt(),
            manifest.rows(),
            manifest.images(),
            manifest.bytes(),
            manifest.rowsPerRowGroup(),
            gone,
            manifest.run(),
            manifest.inputs(),
            manifest.seed(),
            manifest.dedup(),
            manifest.configDigest(),
            null);
    assertThatCode(() -> lookAhead(SparkForTests.session(), WHOLE).check(dataset, lost))
        .doesNotThrowAnyException();
    assertThat(runFolder.exists(LookAhead.FILE_NAME)).isFalse();
  }

  @Test
  void tilesCountTowardsTheLength() throws IOException {
    SampleLimits oneTile = limits(4, 90);
    SampleLimits manyTiles = limits(16, 90);
    SparkSession spark = SparkForTests.session();
    assertThat(SampleCheck.run(spark, dataset, manifest, oneTile, 1000).bad()).isEqualTo(2);
    SampleFaults faults = SampleCheck.run(spark, dataset, manifest, manyTiles, 1000);
    assertThat(faults.bad()).isEqualTo(NUM_SAMPLES);
    assertThat(faults.examples()).hasSize(SampleFaults.MAX_EXAMPLES);
  }

  /** The picture of 64 x 16 becomes four tiles and a thumbnail. */
  private static SampleLimits limits(int count, int maxPositions) throws IOException {
    TilingTransform tiling = new TilingTransform(16, 1, 6, true, LevelNormalization.SIGLIP);
    return new SampleLimits(
        RunText.builtIn(), ImageProcessorJson.write(tiling), count, maxPositions);
  }

  @Test
  void ofALargeDatasetShardsAreChosenEvenly() {
    List<Manifest.Shard> shards =
        IntStream.range(0, 100)
            .mapToObj(i -> new Manifest.Shard("shard-" + i, 1000, 8, 0, 1, "f", List.of()))
            .toList();
    assertThat(SampleCheck.choose(shards, 100_000)).isEqualTo(shards);
    assertThat(SampleCheck.choose(shards, 4000).stream().map(Manifest.Shard::file))
        .containsExactly("shard-12", "shard-37", "shard-62", "shard-87");
    assertThat(SampleCheck.choose(shards, 1)).hasSize(1);
    assertThat(SampleCheck.choose(shards.subList(0, 1), 1)).hasSize(1);
    assertThat(SampleCheck.choose(List.of(), 1)).isEmpty();
    for (long most = 1; most < 100_000; most = most * 3 + 7) {
      List<Manifest.Shard> chosen = SampleCheck.choose(shards, most);
      assertThat(chosen).as("at most %d", most).doesNotHaveDuplicates();
      assertThat(chosen.size()).as("at most %d", most).isEqualTo(Math.max(1, (int) (most / 1000)));
    }
  }

  @Test
  void faultsOfPartsAddUpInAnyOrder() {
    SampleFaults forth = new SampleFaults();
    SampleFaults back = new SampleFaults();
    for (int i = 0; i < 30; i++) {
      forth.plus(one(i));
      back.plus(one(29 - i));
    }
    assertThat(forth.bad()).isEqualTo(30);
    assertThat(forth.checked()).isEqualTo(30);
    assertThat(forth.examples()).isEqualTo(back.examples()).hasSize(SampleFaults.MAX_EXAMPLES);
    assertThat(new SampleFaults(3, 1, Map.of("a", "why")).examples()).containsExactly("why");
  }

  private static SampleFaults one(int number) {
    SampleFaults one = new SampleFaults();
    one.addBad(String.format(Locale.ROOT, "s-%02d", number), "wrong " + number);
    return one;
  }
}
