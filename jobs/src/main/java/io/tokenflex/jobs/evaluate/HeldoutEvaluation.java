package io.tokenflex.jobs.evaluate;

import io.tokenflex.jobs.answers.AnswerJob;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.AnswerSettings;
import io.tokenflex.jobs.answers.AnsweredRow;
import io.tokenflex.jobs.answers.Answers;
import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.jobs.config.EvaluateConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The answers to a run's held-out data and their summary. */
record HeldoutEvaluation(List<Prediction> predictions, EvaluationSummary summary) {
  static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("questionIndex", DataTypes.IntegerType, false)
          .add("kind", DataTypes.StringType, false)
          .add("detail", DataTypes.StringType, false)
          .add("question", DataTypes.StringType, false)
          .add("expected", DataTypes.StringType, false)
          .add("predicted", DataTypes.StringType, false)
          .add("numVisionTokens", DataTypes.IntegerType, false)
          .add("correct", DataTypes.BooleanType, false)
          .add("score", DataTypes.DoubleType, false)
          .add("numNewTokens", DataTypes.IntegerType, false)
          .add("latencySeconds", DataTypes.DoubleType, false)
          .add("precision", DataTypes.StringType, false)
          .add("problem", DataTypes.StringType, false);

  static HeldoutEvaluation run(
      SparkSession spark,
      EvaluateConfig config,
      HeldoutData heldout,
      EvaluateJob.Model model,
      String answersFolder)
      throws IOException {
    HeldoutRows rows = HeldoutRows.of(heldout, spark.sparkContext().hadoopConfiguration());
    Asking asking = new Asking(spark, config, rows, model.folder(), answersFolder);
    List<Prediction> predictions = asking.at(config.numVisionTokens(), model.loader());
    String score = config.score().name().toLowerCase(Locale.ROOT).replace('_', '-');
    EvaluationSummary summary =
        EvaluationSummary.of(
            model.folder(), config.batchSize(), score, predictions, model.trainedCounts());
    if (model.auto().isPresent()) {
      EvaluateJob.Auto auto = model.auto().get();
      int largest = Collections.max(config.numVisionTokens());
      summary =
          summary.withAuto(
              AutoResult.of(
                  auto.calibration(),
                  asking.at(List.of(Slice.AUTO), auto.loader()),
                  predictions.stream()
                      .filter(prediction -> prediction.numVisionTokens() == largest)
                      .toList()));
    }
    if (!model.repeats().isEmpty()) {
      List<List<Prediction>> repeats = new ArrayList<>();
      for (AnswerModel.Loader repeat : model.repeats()) {
        repeats.add(asking.at(List.of(Collections.max(config.numVisionTokens())), repeat));
      }
      double temperature = config.repeatTemperature().orElseThrow();
      summary = summary.withOracle(OracleResult.of(byCount(predictions), repeats, temperature));
    }
    return new HeldoutEvaluation(predictions, summary);
  }

  private static List<List<Prediction>> byCount(List<Prediction> predictions) {
    return List.copyOf(
        predictions.stream()
            .collect(
                Collectors.groupingBy(
                    Prediction::numVisionTokens, TreeMap::new, Collectors.toList()))
            .values());
  }

  private record Asking(
      SparkSession spark,
      EvaluateConfig config,
      HeldoutRows rows,
      String modelFolder,
      String answersFolder) {
    List<Prediction> at(List<Integer> counts, AnswerModel.Loader loader) throws IOException {
      AnswerSettings settings =
          new AnswerSettings(
              "evaluate",
              counts,
              config.maxNewTokens(),
              config.batchSize(),
              config.maxBrokenFraction());
      Answers answers = AnswerJob.run(spark, settings, rows, modelFolder, loader, answersFolder);
      String precision = answers.precision();
      List<Prediction> predictions = new ArrayList<>();
      for (Answers.OfSlice slice : answers.read()) {
        for (AnsweredRow row : slice.rows()) {
          predictions.add(Prediction.of(row, slice.slice().numVisionTokens(), precision, config));
        }
      }
      BrokenReferences.check(predictions, config.maxBrokenFraction());
      return predictions;
    }
  }

  /** The table of predictions. */
  List<Row> rows() {
    return predictions.stream().map(HeldoutEvaluation::row).toList();
  }

  private static Row row(Prediction prediction) {
    return RowFactory.create(
        prediction.id(),
        prediction.questionIndex(),
        prediction.kind(),
        prediction.detail(),
        prediction.question(),
        prediction.expected(),
        prediction.predicted(),
        prediction.numVisionTokens(),
        prediction.correct(),
        prediction.score().value(),
        prediction.numNewTokens(),
        prediction.batchSeconds(),
        prediction.precision(),
        prediction.problem());
  }
}
