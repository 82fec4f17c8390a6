package io.tokenflex.jobs.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tokenflex.jobs.testing.SparkForTests;
import io.tokenflex.jobs.testing.TablePictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of docs/answers.md, in a Python that has the pyspark of this Spark's version. */
class PySparkExampleTest {
  private static final String PYTHON = "tokenflex.pyspark.python";
  private static final Pattern LINES =
      Pattern.compile("```python\n(from pyspark.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void theLinesInTheDocumentAnswerATable() throws IOException, InterruptedException {
    String python = System.getProperty(PYTHON, "");
    assumeTrue(
        !python.isEmpty(),
        "skipped: -D" + PYTHON + "=PYTHON names a Python with pyspark, which is needed");
    SparkSession spark = SparkForTests.session();
    Path photos = folder.resolve("photos");
    TablePictures.table(spark, 6).coalesce(1).write().parquet(photos.toString());
    Path answers = folder.resolve("answers");
    Matcher lines = LINES.matcher(Files.readString(Path.of("../docs/answers.md")));
    assertThat(lines.find()).as("docs/answers.md has the lines").isTrue();
    Path script = folder.resolve("ask.py");
    Files.writeString(
        script,
        replaced(
            replaced(
                replaced(lines.group(1), "/data/photos.parquet", photos.toString()),
                "/data/model",
                TablePictures.MODEL.toAbsolutePath().toString()),
            "/data/answers.parquet",
            answers.toString()));

    ProcessBuilder builder =
        new ProcessBuilder(python, script.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true);
    builder.environment().remove("SPARK_HOME"); // pyspark brings its own
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder
        .environment()
        .put(
            "PYSPARK_SUBMIT_ARGS",
            "--master local[1] --conf spark.ui.enabled=false --driver-class-path "
                + System.getProperty("java.class.path")
                + " pyspark-shell");
    Path output = folder.resolve("output");
    Process process = builder.redirectOutput(output.toFile()).start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("five minutes").isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();

    assertThat(spark.read().parquet(answers.toString()).orderBy("id").collectAsList())
        .isEqualTo(
            new VisionAnswerTransformer()
                .setModelFolder(TablePictures.MODEL.toString())
                .setImageCol("picture")
                .setPromptCol("question")
                .setNumVisionTokens(64)
                .transform(TablePictures.table(spark, 6))
                .select("id", "answer")
                .orderBy("id")
                .collectAsList())
        .hasSize(6);
  }

  private static String replaced(String text, String old, String replacement) {
    assertThat(text).contains(old);
    return text.replace(old, replacement);
  }
}
