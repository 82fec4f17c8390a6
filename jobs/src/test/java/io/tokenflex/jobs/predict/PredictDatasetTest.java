package io.tokenflex.jobs.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.adaptive.BudgetPlan;
import io.tokenflex.adaptive.ConfidenceMeasure;
import io.tokenflex.dataprep.judge.SampleJudge;
import io.tokenflex.dataprep.prepare.DatasetPreparation;
import io.tokenflex.distributed.Precision;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.jobs.testing.Calibrations;
import io.tokenflex.jobs.testing.SmallPreparation;
import io.tokenflex.jobs.testing.SparkForTests;
import io.tokenflex.jobs.testing.TablePictures;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A prepared dataset, answered by the model that the quickstart starts from. */
class PredictDatasetTest {
  private static final int SAMPLES = 5;

  @TempDir Path folder;

  private final SparkSession spark = SparkForTests.session();

  /** Version 1: samples of one picture and one question, and one of two pictures and two. */
  @BeforeEach
  void prepare() throws IOException {
    List<Object> records = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      records.add(record(i));
    }
    records.add(
        Map.of(
            "id",
            "two",
            "image",
            List.of(picture(8), picture(9)),
            "conversations",
            List.of(
                turn("system", "Be brief."),
                turn("human", "<image>\n<image>\nWhat colour is it?"),
                turn("gpt", "red"),
                turn("human", "What shape?"),
                turn("gpt", "round"))));
    prepare(records);
  }

  private Map<String, Object> record(int i) throws IOException {
    return Map.of(
        "id",
        TablePictures.id(i),
        "image",
        picture(i),
        "conversations",
        List.of(turn("human", "<image>\n" + TablePictures.question(i)), turn("gpt", "red")));
  }

  private static Map<String, String> turn(String from, String value) {
    return Map.of("from", from, "value", value);
  }

  private String picture(int i) throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    Files.write(images.resolve(i + ".png"), TablePictures.png(i));
    return i + ".png";
  }

  private String dataset() {
    return folder.resolve("dataset").toUri().toString();
  }

  private void prepare(List<Object> records) throws IOException {
    Path input = folder.resolve("records.json");
    Files.write(input, new ObjectMapper().writeValueAsBytes(records));
    DatasetPreparation.prepare(
        spark,
        SmallPreparation.of(input, folder.resolve("images"), dataset(), 4, 1 << 20),
        SampleJudge.NONE);
  }

  private List<Row> answers(PredictInput input, String out) throws IOException {
    return answers(input, new TokenChoice.Fixed(4), 0, out);
  }

  private List<Row> answers(PredictInput input, TokenChoice tokens, double maxBroken, String out)
      throws IOException {
    PredictJob.Result result =
        PredictJob.run(
            spark,
            input,
            TablePictures.MODEL.toString(),
            new PredictJob.Settings(
                tokens, GenerationConfig.greedy(3), Precision.FP32, 4, maxBroken),
            folder.resolve(out).toString());
    List<Row> rows = spark.read().parquet(result.table()).collectAsList();
    assertThat(result.numRows()).isEqualTo(rows.size());
    return rows;
  }

  private static List<String> told(List<Row> rows) {
    return rows.stream()
        .map(
            row -> row.getAs("id") + " " + row.getAs("question_index") + ": " + row.getAs("answer"))
        .toList();
  }

  private static String answer(Prompt prompt) throws IOException {
    try (TextGenerator generator =
        TextGenerator.load(TablePictures.MODEL, Device.cpu(), Precision.FP32)) {
      return generator.generate(List.of(prompt), 4, 3).get(0).text();
    }
  }

  @Test
  void everyQuestionOfASampleIsAskedOnItsOwnAboutAllItsPictures() throws IOException {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      Prompt alone = Prompt.of(TablePictures.question(i), TablePictures.png(i));
      expected.add(TablePictures.id(i) + " 0: " + answer(alone));
    }
    List<String> questions = List.of("What colour is it?", "What shape?");
    for (String question : questions) {
      Prompt two = Prompt.of(question, TablePictures.png(8), TablePictures.png(9));
      Prompt withSystem =
          new Prompt(List.of(new Turn(Role.SYSTEM, "Be brief."), two.question()), two.images());
      expected.add("two " + questions.indexOf(question) + ": " + answer(withSystem));
    }

    List<Row> rows =
        answers(new PredictDataset(dataset(), Optional.empty(), Optional.empty()), "o");

    assertThat(told(rows)).isEqualTo(expected);
    assertThat(expected.stream().map(line -> line.replaceAll(".*: ", "")).distinct())
        .hasSizeGreaterThan(1);
  }

  @Test
  void onePromptIsAskedOfEverySampleAndOneThatDoesNotFitIsNamed() throws IOException {
    String prompt = "<image> What shape is it?";
    PredictDataset input = new PredictDataset(dataset(), Optional.empty(), Optional.of(prompt));

    List<Row> rows = answers(input, new TokenChoice.Fixed(4), 0.2, "out");

    assertThat(rows).hasSize(SAMPLES + 1);
    assertThat(told(rows).get(1))
        .isEqualTo("row 001 0: " + answer(Prompt.of(prompt, TablePictures.png(1))));
    Row two = rows.get(SAMPLES);
    assertThat(two.<String>getAs("id")).isEqualTo("two");
    assertThat(two.<String>getAs("problem")).contains("1 <image> marks but there are 2 images");
    assertThatThrownBy(() -> new PredictDataset("d", Optional.empty(), Optional.of(" ")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("leave it out to ask the questions of d");
  }

  @Test
  void theBudgetHoldsForADatasetToo() throws IOException {
    BudgetPlan plan = BudgetPlan.of(Calibrations.cascade("any", -1), 14);
    TokenChoice budget = new TokenChoice.Budget(plan, ConfidenceMeasure.MIN_LOG_PROBABILITY);

    List<Row> rows =
        answers(
            new PredictDataset(dataset(), Optional.empty(), Optional.empty()), budget, 0, "out");

    assertThat(rows)
        .extracting(row -> row.getAs("id") + " " + row.getAs("question_index"))
        .startsWith("row 000 0")
        .endsWith("two 0", "two 1");
    assertThat(rows.stream().filter(row -> row.<Integer>getAs("num_vision_tokens") == 64))
        .hasSize(1);
  }

  @Test
  void aVersionIsPinnedAndARerunAnswersOnlyWhatIsMissing() throws IOException {
    PredictDataset first = new PredictDataset(dataset(), Optional.of(1), Optional.empty());
    List<Row> before = answers(first, "out");
    List<Path> slices = AnswerSlices.under(folder.resolve("out"));
    Files.delete(slices.get(1)); // as if the run had been killed before it
    FileTime written = Files.getLastModifiedTime(slices.get(0));

    prepare(List.of(record(20), record(21)));

    assertThat(answers(first, "out")).isEqualTo(before);
    assertThat(AnswerSlices.under(folder.resolve("out"))).isEqualTo(slices);
    assertThat(Files.getLastModifiedTime(slices.get(0))).isEqualTo(written);
    PredictDataset newest = new PredictDataset(dataset(), Optional.empty(), Optional.empty());
    assertThat(answers(newest, "out")).hasSize(before.size() + 2);
    assertThatThrownBy(
            () -> answers(new PredictDataset(dataset(), Optional.of(7), Optional.empty()), "out"))
        .hasMessageContaining("has no version 7; it has [1, 2]");
    assertThat(PredictDataset.isAt(dataset(), new Configuration())).isTrue();
    assertThat(PredictDataset.isAt(folder.resolve("images").toString(), new Configuration()))
        .isFalse();
    String unfinished = folder.resolve("unfinished").toString();
    Files.createDirectories(Path.of(unfinished, "versions"));
    assertThat(PredictDataset.isAt(unfinished, new Configuration())).isTrue();
    assertThatThrownBy(
            () ->
                answers(new PredictDataset(unfinished, Optional.empty(), Optional.of("?")), "out"))
        .hasMessageContaining("holds no published version");
  }
}
