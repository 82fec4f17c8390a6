package io.tokenflex.jobs.predict;

import io.tokenflex.distributed.Precision;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.jobs.answers.AnswerJob;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.AnswerSettings;
import io.tokenflex.jobs.answers.AnsweredRow;
import io.tokenflex.jobs.answers.Answers;
import io.tokenflex.jobs.answers.GeneratorAnswerModel;
import io.tokenflex.jobs.answers.RowSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Answers a table of pictures, or a dataset, and writes a table of answers. */
public final class PredictJob {
  private static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("answer", DataTypes.StringType, false)
          .add("num_new_tokens", DataTypes.IntegerType, false)
          .add("num_vision_tokens", DataTypes.IntegerType, false)
          .add("vision_tokens_tried", DataTypes.IntegerType, false)
          .add("mean_log_probability", DataTypes.DoubleType, true)
          .add("min_log_probability", DataTypes.DoubleType, true)
          .add("first_token_margin", DataTypes.DoubleType, true)
          .add("problem", DataTypes.StringType, false);

  /** The same with the number of a sample's question. */
  private static final StructType SCHEMA_OF_SAMPLES = withQuestionIndex();

  private PredictJob() {}

  private static StructType withQuestionIndex() {
    StructField id = SCHEMA.apply("id");
    StructType schema =
        new StructType().add(id).add("question_index", DataTypes.IntegerType, false);
    for (StructField field : SCHEMA.fields()) {
      schema = field.equals(id) ? schema : schema.add(field);
    }
    return schema;
  }

  /**
   * How a table is answered.
   *
   * @param tokens vision tokens an image
   * @param batchSize rows decoded together; does not change answers in fp32 on CPUs
   * @param maxBrokenFraction the job fails if a larger part of the rows cannot be asked
   */
  public record Settings(
      TokenChoice tokens,
      GenerationConfig generation,
      Precision precision,
      int batchSize,
      double maxBrokenFraction) {}

  /**
   * What came of it.
   *
   * @param table the Parquet table
   * @param meanVisionTokens an image that were tried, in the mean of the rows with pictures
   * @param brokenRows some of the rows without an answer, and why
   */
  public record Result(
      String table, long numRows, double meanVisionTokens, List<String> brokenRows) {}

  /**
   * Answers every row that no former run with the same rows, model and settings has answered, and
   * writes the Parquet table {@code out/answers}: a row for each row, in the order of the ids; of a
   * dataset a row for each question, with its index. {@code out/work} holds what makes a run
   * resumable, a table's rows in groups and the answers in slices.
   *
   * @param out any Hadoop path
   * @throws io.tokenflex.failure.InvalidInputException if columns or ids do not fit, or too many
   *     rows cannot be asked
   */
  public static Result run(
      SparkSession spark, PredictInput input, String modelFolder, Settings settings, String out)
      throws IOException {
    RowSource rows = input.rows(spark, new Path(out, "work/rows").toString());
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Asking asking =
        new Asking(spark, modelFolder, settings, new Path(out, "work/answers").toString());
    TokenChoice tokens = settings.tokens();
    JavaRDD<AnsweredRow> answered;
    List<String> broken;
    if (tokens instanceof TokenChoice.Budget budget) {
      BudgetedAnswers both = BudgetedAnswers.ask(context, asking, rows, budget);
      answered = both.rows();
      broken = both.brokenRows();
    } else {
      Answers answers = asking.answers(rows, tokens.count(), settings.maxBrokenFraction());
      answered = answers.rows(context).map(Answers.AtCount::row);
      broken = answers.brokenRows();
    }
    String target = new Path(out, "answers").toString();
    Dataset<Row> table =
        input.hasSamples()
            ? spark
                .createDataFrame(answered.map(PredictJob::rowOfSample), SCHEMA_OF_SAMPLES)
                .orderBy("id", "question_index")
            : spark.createDataFrame(answered.map(PredictJob::row), SCHEMA);
    table.write().mode(SaveMode.Overwrite).parquet(target);
    return new Result(
        target, spark.read().parquet(target).count(), meanTried(spark, target), broken);
  }

  private static double meanTried(SparkSession spark, String table) {
    Row mean =
        spark
            .read()
            .parquet(table)
            .filter("vision_tokens_tried > 0")
            .agg(functions.avg("vision_tokens_tried"))
            .first();
    return mean.isNullAt(0) ? 0 : mean.getDouble(0);
  }

  private static Row row(AnsweredRow answer) {
    List<Object> values = new ArrayList<>(valuesAfterId(answer));
    values.add(0, answer.id());
    return RowFactory.create(values.toArray());
  }

  private static Row rowOfSample(AnsweredRow answer) {
    List<Object> values = new ArrayList<>(valuesAfterId(answer));
    values.add(0, answer.carried().get(PredictDataset.SAMPLE));
    values.add(1, Integer.parseInt(answer.carried().get(PredictDataset.QUESTION_INDEX)));
    return RowFactory.create(values.toArray());
  }

  private static List<Object> valuesAfterId(AnsweredRow answer) {
    boolean isAnswered = !answer.isBroken();
    return Arrays.asList( // some may be null
        answer.text(),
        answer.numNewTokens(),
        answer.cost().numVisionTokens(),
        answer.cost().visionTokensTried(),
        isAnswered ? answer.confidence().meanLogProbability() : null,
        isAnswered ? answer.confidence().minLogProbability() : null,
        isAnswered ? answer.confidence().firstTokenMargin() : null,
        answer.problem());
  }

  /** Everything about asking a table's rows but the rows and the number of vision tokens. */
  record Asking(SparkSession spark, String modelFolder, Settings settings, String answersFolder) {
    Answers answers(RowSource rows, int numVisionTokens, double maxBrokenFraction)
        throws IOException {
      AnswerSettings asked =
          new AnswerSettings(
              "predict",
              List.of(numVisionTokens),
              settings.generation().maxNewTokens(),
              settings.batchSize(),
              maxBrokenFraction);
      AnswerModel.Loader loader =
          settings.tokens() instanceof TokenChoice.Auto auto
              ? GeneratorAnswerModel.adaptiveLoader(
                  settings.precision(), settings.generation(), auto.calibration())
              : GeneratorAnswerModel.loader(settings.precision(), settings.generation());
      return AnswerJob.run(spark, asked, rows, modelFolder, loader, answersFolder);
    }
  }
}
