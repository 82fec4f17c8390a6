package io.tokenflex.jobs.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.tokenflex.distributed.Precision;
import io.tokenflex.generate.Prompt;
import io.tokenflex.generate.TextGenerator;
import io.tokenflex.jobs.testing.SparkForTests;
import io.tokenflex.jobs.testing.TablePictures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
