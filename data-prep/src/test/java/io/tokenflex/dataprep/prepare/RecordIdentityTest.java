package io.tokenflex.dataprep.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.dedup.DuplicateIds;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.prepare.PrepareSummary.Outcome;
import io.tokenflex.dataprep.source.SourceOptions;
import io.tokenflex.dataprep.testing.LlavaFolder;
import io.tokenflex.dataprep.testing.LocalSpark;
import io.tokenflex.dataprep.testing.TestConfig;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What makes a record the same as a sample, and settings the same as those of a dataset. */
class RecordIdentityTest {
  private static final List<String> ROWS = List.of("0.png,c0", "1.png,c1", "2.png,c2");
  private static SparkSession spark;

  @TempDir Path folder;
  private Path csv;
  private TestConfig config;

  @BeforeAll
  static void startSpark() {
    spark = LocalSpark.start(2);
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @BeforeEach
  void makePictures() {
    LlavaFolder pictures = new LlavaFolder(folder);
    for (int i = 0; i < 4; i++) {
      pictures.image(i + ".png", LlavaFolder.pictureBytes("png", i));
    }
    csv = folder.resolve("in.csv");
    config =
        new TestConfig().output(folder.resolve("dataset").toUri().toString()).inputs(input("", ""));
  }

  private InputConfig input(String idPrefix, String captionPrompt) {
    return input(idPrefix, captionPrompt, Map.of());
  }

  private InputConfig input(String idPrefix, String captionPrompt, Map<String, String> columns) {
    return new InputConfig(
        csv.toUri().toString(),
        folder.resolve("images").toUri().toString(),
        "",
        idPrefix,
        new SourceOptions(
            captionPrompt.isEmpty() ? SourceOptions.USUAL_PROMPT : captionPrompt, columns));
  }

  private Manifest prepare() throws IOException {
    return DatasetPreparation.prepare(spark, config.build()).manifest();
  }

  private void write(String header, List<String> rows) throws IOException {
    Files.writeString(csv, header + "\n" + String.join("\n", rows) + "\n");
  }

  private List<String> ids() {
    return spark
        .read()
        .parquet(config.build().output() + "/" + "data/*/shard-*.parquet")
        .select("id")
        .toJavaRDD()
        .map(row -> row.getString(0))
        .collect();
  }

  @Test
  void aRowInsertedLaterIsTheOnlyOneAdded() throws IOException {
    write("image,caption", ROWS);
    assertThat(prepare().run().rows()).isEqualTo(3);
    write("image,caption", List.of("0.png,c0", "3.png,new", "1.png,c1", "2.png,c2"));
    Manifest second = prepare();
    assertThat(second.run().rows()).isEqualTo(1);
    assertThat(second.run().alreadyPresent()).isEqualTo(3);
    assertThat(ids()).hasSize(4).doesNotHaveDuplicates();
  }

  @Test
  void equalRowsAreAllKeptAndMoreOfThemAddOnlyThemselves() throws IOException {
    write("image,caption", List.of("0.png,c0", "0.png,c0"));
    assertThat(prepare().run().rows()).isEqualTo(2);
    write("image,caption", List.of("0.png,c0", "1.png,c1", "0.png,c0", "0.png,c0"));
    Manifest second = prepare();
    assertThat(second.run().alreadyPresent()).isEqualTo(2);
    assertThat(second.run().rows()).isEqualTo(2);
    assertThat(ids()).hasSize(4).doesNotHaveDuplicates();
  }

  /** Ids were positions once; a dataset of that time is made here by giving just these ids. */
  @Test
  void aDatasetWhoseIdsArePositionsGrowsByWhatIsNew() throws IOException {
    write("id,image,caption", List.of("in-0,0.png,c0", "in-1,1.png,c1"));
    prepare();
    write("image,caption", List.of("0.png,c0", "1.png,c1", "2.png,c2"));
    Manifest second = prepare();
    assertThat(second.run().alreadyPresent()).isEqualTo(2);
    assertThat(second.run().rows()).isEqualTo(1);
    assertThat(ids()).contains("in-0", "in-1").hasSize(3);
  }

  @Test
  void sharedIdsAreNumberedAndStayWhenTheDatasetGrows() throws IOException {
    config
        .duplicateIds(DuplicateIds.NUMBER)
        .dedup(new DedupConfig(true, DedupConfig.NO_NEAR_SEARCH, DedupConfig.Scope.SAMPLE));
    write("id,image,caption", List.of("a,0.png,c0", "a,0.png,c1", "b,1.png,c2"));
    assertThat(prepare().run().rows()).isEqualTo(3);
    List<String> first = ids();
    write("id,image,caption", List.of("a,2.png,c3", "a,0.png,c0", "a,0.png,c1", "b,1.png,c2"));
    Manifest second = prepare();
    assertThat(second.run().alreadyPresent()).isEqualTo(3);
    assertThat(second.run().rows()).isEqualTo(1);
    assertThat(ids()).containsAll(first).hasSize(4).doesNotHaveDuplicates();
    config.duplicateIds(DuplicateIds.REJECT);
    assertThatThrownBy(this::prepare)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("duplicateIds was number, is reject");
  }

  @Test
  void settingsThatShapedTheRecordsAreNamedAndOverwriteMakesTheDatasetAnew() throws IOException {
    write("image,caption,label", Stream.of("0.png,c0,l0", "1.png,c1,l1").toList());
    prepare();
    for (InputConfig changed :
        List.of(
            input("p/", ""), input("", "What is it?"), input("", "", Map.of("caption", "label")))) {
      config.inputs(changed);
      assertThatThrownBy(this::prepare)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("was prepared with other settings")
          .hasMessageMatching(
              "(?s).*(idPrefix was not set, is p/|captionPrompt was not set, is What is it\\?"
                  + "|columns was not set, is \\{caption=label\\}) \\(file:.*in.csv\\).*")
          .hasMessageContaining("prepare.overwrite = true");
    }
    config.overwriting();
    Manifest second = prepare();
    assertThat(second.parent()).isZero();
    assertThat(second.rows()).isEqualTo(2);
    assertThat(DatasetPreparation.prepare(spark, config.build()).outcome())
        .isEqualTo(Outcome.NOTHING_NEW);
  }

  @Test
  void theSettingsOfTheRunAreNamed() throws IOException {
    write("image,caption", ROWS);
    prepare();
    config.rowsPerRowGroup(5);
    assertThatThrownBy(this::prepare)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("rowsPerRowGroup was 4, is 5");
  }
}
