package io.tokenflex.jobs.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.tokenflex.distributed.Precision;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.jobs.testing.SparkForTests;
import io.tokenflex.jobs.testing.TablePictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
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

  private static PredictJob.Settings settings(double maxBrokenFraction) {
    return new PredictJob.Settings(4, SHORT, Precision.FP32, 16, maxBrokenFraction);
  }

  private PredictTable parquet(int partitions) {
    String path = folder.resolve("pictures-" + partitions).toString();
    TablePictures.table(spark, ROWS).repartition(partitions).write().parquet(path);
    return new PredictTable(
        path, "id", Optional.empty(), Optional.of("question"), Optional.of("picture"), "");
  }

  private Map<String, Row> answers(PredictTable table, double maxBroken, String out)
      throws IOException {
    PredictJob.Result result =
        PredictJob.run(
            spark,
            table,
            TablePictures.MODEL.toString(),
            settings(maxBroken),
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
    List<Path> slices = slices();
    assertThat(slices).hasSize(2);
    Files.delete(slices.get(1)); // as if the run had been killed before it
    FileTime before = Files.getLastModifiedTime(slices.get(0));

    assertThat(answers(table, 0, "out")).isEqualTo(first);
    assertThat(slices()).isEqualTo(slices);
    assertThat(Files.getLastModifiedTime(slices.get(0))).isEqualTo(before);
  }

  private List<Path> slices() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("out/work/answers"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("slice-.*\\.json"))
          .sorted()
          .toList();
    }
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
            settings(0.5),
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
