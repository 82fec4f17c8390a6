package io.tokenflex.jobs.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.tokenflex.adaptive.BudgetPlan;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.adaptive.ConfidenceMeasure;
import io.tokenflex.distributed.Precision;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.jobs.run.CalibrationFile;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.jobs.testing.Calibrations;
import io.tokenflex.jobs.testing.SparkForTests;
import io.tokenflex.jobs.testing.TablePictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table of 70 pictures, answered by the model that the quickstart starts from. */
class PredictJobTest {
  private static final int ROWS = 70;
  private static final GenerationConfig SHORT = GenerationConfig.greedy(3);

  @TempDir Path folder;

  private final SparkSession spark = SparkForTests.session();

  private static PredictJob.Settings settings(TokenChoice tokens, double maxBrokenFraction) {
    return new PredictJob.Settings(tokens, SHORT, Precision.FP32, 16, maxBrokenFraction);
  }

  private PredictTable parquet(int partitions) {
    String path = folder.resolve("pictures-" + partitions).toString();
    TablePictures.table(spark, ROWS).repartition(partitions).write().parquet(path);
    return new PredictTable(
        path, "id", Optional.empty(), Optional.of("question"), Optional.of("picture"), "");
  }

  private Map<String, Row> answers(PredictTable table, double maxBroken, String out)
      throws IOException {
    return answers(table, new TokenChoice.Fixed(4), maxBroken, out);
  }

  private Map<String, Row> answers(
      PredictTable table, TokenChoice tokens, double maxBroken, String out) throws IOException {
    PredictJob.Result result =
        PredictJob.run(
            spark,
            table,
            TablePictures.MODEL.toString(),
            settings(tokens, maxBroken),
            folder.resolve(out).toString());
    Map<String, Row> rows = new TreeMap<>();
    Dataset<Row> read = spark.read().parquet(result.table());
    read.collectAsList().forEach(row -> rows.put(row.getAs("id"), row));
    assertThat(rows).hasSize(ROWS);
    return rows;
  }

  @Test
  void everyRowGetsTheAnswerOfTheModelWhateverTheFormatAndThePartitions() throws IOException {
    Map<String, Row> answers = answers(parquet(1), 0, "one");
    Map<String, String> expected = new TreeMap<>();
    try (TextGenerator generator =
        TextGenerator.load(TablePictures.MODEL, Device.cpu(), Precision.FP32)) {
      for (int i = 0; i < ROWS; i++) {
        Prompt prompt = Prompt.of(TablePictures.question(i), TablePictures.png(i));
        expected.put(TablePictures.id(i), generator.generate(List.of(prompt), 4, 3).get(0).text());
      }
    }
    Map<String, String> texts = new TreeMap<>();
    answers.forEach((id, row) -> texts.put(id, row.getAs("answer")));
    assertThat(texts).isEqualTo(expected);
    assertThat(texts.values().stream().distinct()).hasSizeGreaterThan(1);

    assertThat(answers(parquet(5), 0, "five")).isEqualTo(answers);
    assertThat(answers(csv(), 0, "csv")).isEqualTo(answers);
  }

  /** The answers of a generator, one by one, at a count. */
  private static Map<String, Answer> alone(int numVisionTokens) throws IOException {
    Map<String, Answer> answers = new TreeMap<>();
    try (TextGenerator generator =
        TextGenerator.load(TablePictures.MODEL, Device.cpu(), Precision.FP32)) {
      for (int i = 0; i < ROWS; i++) {
        Prompt prompt = Prompt.of(TablePictures.question(i), TablePictures.png(i));
        answers.put(
            TablePictures.id(i), generator.generate(List.of(prompt), numVisionTokens, 3).get(0));
      }
    }
    return answers;
  }

  private static double sureness(Answer answer) {
    return answer.confidence().minLogProbability();
  }

  private static Calibration calibration(double acceptFrom) throws IOException {
    String digest = ModelFolder.of(TablePictures.MODEL.toString(), new Configuration()).digest();
    return Calibrations.cascade(digest, acceptFrom);
  }

  @Test
  void theNumberOfVisionTokensIsChosenForEachRowWhateverThePartitions() throws IOException {
    Map<String, Answer> at4 = alone(4);
    Map<String, Answer> at64 = alone(64);
    double middle = at4.values().stream().mapToDouble(PredictJobTest::sureness).average().orElse(0);
    TokenChoice auto = new TokenChoice.Auto(calibration(middle));

    Map<String, Row> answers = answers(parquet(1), auto, 0, "auto");

    answers.forEach(
        (id, row) -> {
          boolean isSure = sureness(at4.get(id)) >= middle;
          Answer expected = isSure ? at4.get(id) : at64.get(id);
          assertThat(row.<String>getAs("answer")).as(id).isEqualTo(expected.text());
          assertThat(row.<Integer>getAs("num_vision_tokens")).isEqualTo(isSure ? 4 : 64);
          assertThat(row.<Integer>getAs("vision_tokens_tried")).isEqualTo(isSure ? 4 : 68);
          assertThat(row.<Double>getAs("min_log_probability")).isEqualTo(sureness(expected));
          assertThat(row.<Double>getAs("mean_log_probability"))
              .isEqualTo(expected.confidence().meanLogProbability());
          assertThat(row.<Double>getAs("first_token_margin"))
              .isEqualTo(expected.confidence().firstTokenMargin());
        });
    assertThat(answers.values().stream().map(row -> row.<Integer>getAs("num_vision_tokens")))
        .contains(4, 64);
    assertThat(answers(parquet(5), auto, 0, "auto-5")).isEqualTo(answers);
  }

  @Test
  void aBudgetIsSpentOnTheRowsThatAreLeastSureOfTheWholeTable() throws IOException {
    Map<String, Answer> at4 = alone(4);
    BudgetPlan plan = BudgetPlan.of(calibration(-1), 20);
    TokenChoice budget = new TokenChoice.Budget(plan, ConfidenceMeasure.MIN_LOG_PROBABILITY);
    List<String> leastSure =
        at4.keySet().stream()
            .sorted(
                Comparator.comparingDouble((String id) -> sureness(at4.get(id)))
                    .thenComparing(Comparator.naturalOrder()))
            .limit(ROWS * (20 - 4) / 64)
            .sorted()
            .toList();

    PredictTable table = parquet(1);
    Map<String, Row> answers = answers(table, budget, 0, "budget");

    assertThat(plan.second()).contains(64);
    assertThat(
            answers.values().stream()
                .filter(row -> row.<Integer>getAs("num_vision_tokens") == 64)
                .map(row -> row.<String>getAs("id")))
        .containsExactlyElementsOf(leastSure);
    assertThat(
            answers.values().stream()
                .mapToInt(row -> row.<Integer>getAs("vision_tokens_tried"))
                .average())
        .hasValueCloseTo(4 + 64 * 17 / 70.0, within(1e-9));
    assertThat(answers(parquet(5), budget, 0, "budget-5")).isEqualTo(answers);
    assertThat(answers(table, budget, 0, "budget")).as("once more").isEqualTo(answers);
  }

  @Test
  void theCalibrationOfAnotherModelAndAMissingOneAreRefused() throws IOException {
    Configuration hadoop = new Configuration();
    String file = folder.resolve("calibration.json").toString();
    String model = TablePictures.MODEL.toString();
    assertThatThrownBy(() -> CalibrationFile.read(file, model, hadoop))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("No calibration " + file)
        .hasMessageContaining("./tokenflex calibrate --model " + model);
    CalibrationFile.write(file, Calibrations.cascade("of another", -1), hadoop);
    assertThatThrownBy(() -> CalibrationFile.read(file, model, hadoop))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("made for a model with the digest of another");
    CalibrationFile.write(file, calibration(-1), hadoop);
    assertThat(CalibrationFile.read(file, model, hadoop)).isEqualTo(calibration(-1));
  }

  /** Relative paths of pictures instead of their bytes, and questions with commas and quotes. */
  private PredictTable csv() throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    List<String> lines = new ArrayList<>(List.of("question,id,file"));
    for (int i = ROWS - 1; i >= 0; i--) {
      Files.write(images.resolve(i + ".png"), TablePictures.png(i));
      String question = TablePictures.question(i).replace("\"", "\"\"");
      lines.add("\"" + question + "\"," + TablePictures.id(i) + "," + i + ".png");
    }
    Path file = folder.resolve("table.csv");
    Files.write(file, lines);
    return new PredictTable(
        file.toString(),
        "id",
        Optional.empty(),
        Optional.of("question"),
        Optional.of("file"),
        images.toString());
  }

  @Test
  void aRerunAnswersOnlyWhatIsMissing() throws IOException {
    PredictTable table = parquet(2);
    Map<String, Row> first = answers(table, 0, "out");
    List<Path> slices = AnswerSlices.under(folder.resolve("out"));
    assertThat(slices).hasSize(2);
    Files.delete(slices.get(1)); // as if the run had been killed before it
    FileTime before = Files.getLastModifiedTime(slices.get(0));

    assertThat(answers(table, 0, "out")).isEqualTo(first);
    assertThat(AnswerSlices.under(folder.resolve("out"))).isEqualTo(slices);
    assertThat(Files.getLastModifiedTime(slices.get(0))).isEqualTo(before);
  }

  @Test
  void aRowMayHaveSeveralPicturesOrNone() throws IOException {
    List<Row> rows =
        List.of(
            RowFactory.create("a", List.of(TablePictures.png(0), TablePictures.png(1))),
            RowFactory.create("b", null),
            RowFactory.create("c", Arrays.asList(TablePictures.png(2), null)));
    String path = folder.resolve("several").toString();
    spark
        .createDataFrame(
            rows,
            new StructType()
                .add("id", DataTypes.StringType)
                .add("pictures", DataTypes.createArrayType(DataTypes.BinaryType)))
        .write()
        .parquet(path);
    PredictTable table =
        new PredictTable(
            path, "id", Optional.of("Which?"), Optional.empty(), Optional.of("pictures"), "");

    PredictJob.Result result =
        PredictJob.run(
            spark,
            table,
            TablePictures.MODEL.toString(),
            settings(new TokenChoice.Fixed(4), 0.5),
            folder.resolve("out").toString());

    List<Row> answers = spark.read().parquet(result.table()).orderBy("id").collectAsList();
    try (TextGenerator generator =
        TextGenerator.load(TablePictures.MODEL, Device.cpu(), Precision.FP32)) {
      Prompt two = Prompt.of("Which?", TablePictures.png(0), TablePictures.png(1));
      List<Prompt> prompts = List.of(two, Prompt.of("Which?"));
      assertThat(answers.subList(0, 2))
          .extracting(row -> row.<String>getAs("answer"))
          .isEqualTo(generator.generate(prompts, 4, 3).stream().map(Answer::text).toList());
    }
    assertThat(answers.get(2).<String>getAs("problem")).isEqualTo("image 2 is missing");
  }

  @Test
  void aRowThatCannotBeAskedIsNamedAndTooManyOfThemFailTheJob() throws IOException {
    PredictTable table = csv();
    Files.writeString(folder.resolve("images/3.png"), "no picture");
    Files.delete(folder.resolve("images/4.png"));
    assertThatThrownBy(() -> answers(table, 0.01, "strict"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("2 of 70 answers are missing")
        .hasMessageContaining(TablePictures.id(4) + " at 4 tokens: no image ");
    Map<String, Row> answers = answers(table, 0.1, "lenient");
    String problem = answers.get(TablePictures.id(3)).getAs("problem");
    assertThat(problem).isNotEmpty();
    assertThat(answers.get(TablePictures.id(3)).<String>getAs("answer")).isEmpty();
    assertThat(answers.get(TablePictures.id(5)).<String>getAs("problem")).isEmpty();
  }

  @Test
  void columnsAndIdsThatDoNotFitAreNamed() throws IOException {
    PredictTable good = parquet(1);
    assertThatThrownBy(() -> answers(with(good, "number", "picture"), 0, "a"))
        .hasMessageContaining("has no column number; it has [id, question, picture]");
    assertThatThrownBy(() -> answers(with(good, "question", "picture"), 0, "b"))
        .hasMessageContaining("stands in ")
        .hasMessageContaining("name another one with --id");
    assertThatThrownBy(
            () ->
                new PredictTable(
                    good.path(), "id", Optional.empty(), Optional.empty(), Optional.empty(), ""))
        .hasMessageContaining("either one prompt for all rows or the column");
    PredictTable nowhere =
        new PredictTable(
            folder.resolve("nowhere").toString(),
            "id",
            Optional.of("?"),
            Optional.empty(),
            Optional.empty(),
            "");
    assertThatThrownBy(() -> answers(nowhere, 0, "c")).hasMessageContaining("No table at ");
  }

  private static PredictTable with(PredictTable table, String idColumn, String imageColumn) {
    return new PredictTable(
        table.path(), idColumn, table.prompt(), table.promptColumn(), Optional.of(imageColumn), "");
  }
}
