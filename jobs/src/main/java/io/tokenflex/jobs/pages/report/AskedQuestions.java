package io.tokenflex.jobs.pages.report;

import io.tokenflex.dataprep.storage.LiteralPath;
import io.tokenflex.jobs.evaluate.BenchmarkSummary;
import io.tokenflex.jobs.evaluate.EvaluateJob;
import io.tokenflex.jobs.pages.report.ReportData.Answer;
import io.tokenflex.jobs.pages.report.ReportData.Asked;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The questions of a run's evaluation and benchmarks, with their answers by count. */
final class AskedQuestions {
  private AskedQuestions() {}

  /** Those of tables that a summary vouches for. */
  static List<Asked> read(SparkSession spark, RunFolder runFolder) throws IOException {
    List<Asked> asked = new ArrayList<>();
    if (runFolder.exists(EvaluateJob.SUMMARY)) {
      asked.addAll(
          group(
              rows(spark, runFolder.pathOf(EvaluateJob.PREDICTIONS)),
              row -> row.getAs("id") + "#" + row.getAs("questionIndex"),
              row -> row.getAs("kind"),
              row -> row.getAs("correct")));
    }
    for (BenchmarkSummary benchmark : EvaluateJob.readBenchmarks(runFolder)) {
      asked.addAll(
          group(
              rows(spark, runFolder.pathOf(EvaluateJob.predictionsOf(benchmark.name()))),
              row -> row.getAs("index"),
              row -> benchmark.name(),
              row -> row.<String>getAs("outcome").equals("right")));
    }
    return asked;
  }

  private static List<Row> rows(SparkSession spark, String folder) {
    return spark.read().parquet(LiteralPath.of(folder)).collectAsList();
  }

  private static List<Asked> group(
      List<Row> rows,
      Function<Row, String> key,
      Function<Row, String> kind,
      Function<Row, Boolean> isRight) {
    Map<String, Asked> byQuestion = new LinkedHashMap<>();
    for (Row row : rows) {
      byQuestion
          .computeIfAbsent(
              key.apply(row),
              question ->
                  new Asked(
                      kind.apply(row),
                      row.getAs("question"),
                      row.getAs("expected"),
                      new ArrayList<>()))
          .answers()
          .add(
              new Answer(row.getAs("numVisionTokens"), row.getAs("predicted"), isRight.apply(row)));
    }
    byQuestion
        .values()
        .forEach(asked -> asked.answers().sort(Comparator.comparingInt(Answer::numVisionTokens)));
    return List.copyOf(byQuestion.values());
  }
}
