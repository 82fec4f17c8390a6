package io.tokenflex.jobs.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.tokenflex.adaptive.AdaptiveGenerator;
import io.tokenflex.adaptive.Calibration;
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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VisionAnswerTransformerTest {
  @TempDir Path folder;

  private final SparkSession spark = SparkForTests.session();

  private static VisionAnswerTransformer transformer() {
    return new VisionAnswerTransformer()
        .setModelFolder(TablePictures.MODEL.toString())
        .setImageCol("picture")
        .setPromptCol("question")
        .setOutputCol("said")
        .setNumVisionTokens(4)
        .setMaxNewTokens(3)
        .setBatchSize(4)
        .setPrecision("fp32");
  }

  @Test
  void aSavedTransformerAnswersAsTheModelDoes() throws IOException {
    String saved = folder.resolve("saved").toString();
    transformer().write().save(saved);
    VisionAnswerTransformer loaded = VisionAnswerTransformer.load(saved);
    assertThat(loaded.explainParams()).isEqualTo(transformer().explainParams());

    Dataset<Row> table = TablePictures.table(spark, 10).repartition(3);
    Dataset<Row> answered = loaded.transform(table);
    assertThat(answered.columns()).containsExactly("id", "question", "picture", "said");
    List<Row> rows = answered.orderBy("id").collectAsList();
    List<String> texts = new ArrayList<>();
    try (TextGenerator generator =
        TextGenerator.load(TablePictures.MODEL, Device.cpu(), Precision.FP32)) {
      for (int i = 0; i < 10; i++) {
        Prompt prompt = Prompt.of(TablePictures.question(i), TablePictures.png(i));
        texts.add(generator.generate(List.of(prompt), 4, 3).get(0).text());
      }
    }
    assertThat(rows).extracting(row -> row.<String>getAs("said")).isEqualTo(texts);
    assertThat(rows).extracting(row -> row.<String>getAs("id")).startsWith(TablePictures.id(0));
  }

  @Test
  void theNumberOfVisionTokensIsChosenByTheCalibrationInTheModelsFolder() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    try (Stream<Path> files = Files.list(TablePictures.MODEL)) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(file.getFileName()));
      }
    }
    VisionAnswerTransformer auto =
        transformer().setModelFolder(model.toString()).setNumVisionTokens("auto");
    Dataset<Row> table = TablePictures.table(spark, 10).repartition(2);
    assertThatThrownBy(() -> auto.transform(table))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("No calibration " + model + "/calibration.json")
        .hasMessageContaining("run ./tokenflex calibrate --model " + model);
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      prompts.add(Prompt.of(TablePictures.question(i), TablePictures.png(i)));
    }
    List<Answer> expected;
    try (TextGenerator generator = TextGenerator.load(model, Device.cpu(), Precision.FP32)) {
      double[] sure =
          generator.generate(prompts, 4, 3).stream()
              .mapToDouble(answer -> answer.confidence().minLogProbability())
              .sorted()
              .toArray();
      Calibration calibration =
          Calibrations.cascade(
              ModelFolder.of(model.toString(), new Configuration()).digest(), sure[5]);
      CalibrationFile.write(CalibrationFile.in(model.toString()), calibration, new Configuration());
      expected =
          new AdaptiveGenerator(generator, calibration)
              .generate(prompts, GenerationConfig.greedy(3));
    }
    String saved = folder.resolve("auto").toString();
    auto.write().save(saved);

    List<Row> rows =
        VisionAnswerTransformer.load(saved).transform(table).orderBy("id").collectAsList();

    assertThat(rows)
        .extracting(row -> row.<String>getAs("said"))
        .isEqualTo(expected.stream().map(Answer::text).toList());
    assertThat(expected).extracting(answer -> answer.cost().numVisionTokens()).contains(4, 64);
    assertThat(transformer().setNumVisionTokens("16").explainParams()).contains("current: 16");
    assertThatThrownBy(() -> transformer().setNumVisionTokens("many"))
        .hasMessageContaining("numVisionTokens is 'many'; it must be auto or a square number");
  }

  @Test
  void aRowThatCannotBeAskedGetsNull() {
    Dataset<Row> table =
        TablePictures.table(spark, 3)
            .withColumn(
                "picture",
                functions
                    .when(functions.col("id").equalTo(TablePictures.id(1)), new byte[] {1, 2})
                    .otherwise(functions.col("picture")));
    List<Row> rows = transformer().transform(table).orderBy("id").collectAsList();
    assertThat(rows.get(1).<String>getAs("said")).isNull();
    assertThat(rows.get(0).<String>getAs("said")).isNotNull();
    assertThat(rows.get(2).<String>getAs("said")).isNotNull();
  }

  @Test
  void columnsThatDoNotFitAreNamedBeforeAnythingRuns() {
    Dataset<Row> table = TablePictures.table(spark, 1);
    assertThatThrownBy(() -> transformer().setImageCol("image").transform(table))
        .hasMessageContaining("no column image; it has [id, question, picture]");
    assertThatThrownBy(() -> transformer().setPromptCol("picture").transform(table))
        .hasMessageContaining("promptCol picture is of type binary; it must be a string");
    assertThatThrownBy(() -> transformer().setOutputCol("id").transform(table))
        .hasMessageContaining("outputCol id is there already");
    assertThatThrownBy(() -> transformer().setPrecision("int8").transform(table))
        .hasMessageContaining("precision is int8; it must be auto, fp32 or bf16");
    assertThatThrownBy(
            () ->
                new VisionAnswerTransformer()
                    .setImageCol("picture")
                    .setPromptCol("question")
                    .transform(table))
        .hasMessageContaining("modelFolder is not set");
  }
}
