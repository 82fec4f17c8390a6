package io.tokenflex.jobs.pages.report;

import io.tokenflex.dataprep.storage.LiteralPath;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.evaluate.EvaluateJob;
import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.ModelComparison;
import io.tokenflex.jobs.metrics.MetricsHistory;
import io.tokenflex.jobs.pages.report.ReportData.Beside;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.statistics.Clusters;
import io.tokenflex.train.StepMetrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads another run, to be shown beside the one that a page is about. */
final class OtherRun {
  private OtherRun() {}

  /** A question as both runs know it; other data may have other questions under the same id. */
  private record Asked(String id, int index, String question, String expected)
      implements Comparable<Asked> {
    private static Asked of(Row row) {
      return new Asked(
          row.getAs("id"),
          row.getAs("questionIndex"),
          row.getAs("question"),
          row.getAs("expected"));
    }

    @Override
    public int compareTo(Asked other) {
      return Comparator.comparing(Asked::id)
          .thenComparingInt(Asked::index)
          .thenComparing(Asked::question)
          .thenComparing(Asked::expected)
          .compare(this, other);
    }
  }

  /**
   * Reads the run in a folder.
   *
   * @param run that the page is about
   * @throws InvalidInputException if the folder holds neither metrics nor an evaluation
   */
  static Beside read(SparkSession spark, RunFolder run, String folder, int maxSteps)
      throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    String name = RunFolder.qualified(folder, hadoop);
    RunFolder other = RunFolder.of(folder, hadoop);
    List<StepMetrics> steps = MetricsHistory.read(other, maxSteps);
    Optional<EvaluationSummary> evaluation = EvaluateJob.readSummary(other);
    if (steps.isEmpty() && evaluation.isEmpty()) {
      throw new InvalidInputException(
          "--beside is "
              + name
              + ", which holds neither metrics of a training nor an evaluation; expected the run.dir"
              + " of another run");
    }
    boolean areBothAsked = evaluation.isPresent() && run.exists(EvaluateJob.SUMMARY);
    return new Beside(
        name,
        steps,
        evaluation,
        areBothAsked ? compare(scores(spark, other), scores(spark, run)) : List.of());
  }

  /** Scores by count and question. */
  private static Map<Integer, Map<Asked, Double>> scores(SparkSession spark, RunFolder run) {
    Map<Integer, Map<Asked, Double>> scores = new TreeMap<>();
    spark
        .read()
        .parquet(LiteralPath.of(run.pathOf(EvaluateJob.PREDICTIONS)))
        .collectAsList()
        .forEach(
            row ->
                scores
                    .computeIfAbsent(row.getAs("numVisionTokens"), count -> new TreeMap<>())
                    .put(Asked.of(row), row.getAs("score")));
    return scores;
  }

  /**
   * At every count at which both were asked the same questions. Questions that only some of both
   * share may be about other pictures under the same ids.
   */
  private static List<ModelComparison> compare(
      Map<Integer, Map<Asked, Double>> other, Map<Integer, Map<Asked, Double>> here) {
    List<ModelComparison> comparisons = new ArrayList<>();
    other.forEach(
        (count, scores) -> {
          Map<Asked, Double> ours = here.getOrDefault(count, Map.of());
          if (ours.keySet().equals(scores.keySet())) {
            List<Asked> both = List.copyOf(scores.keySet());
            comparisons.add(
                ModelComparison.of(
                    "beside",
                    "here",
                    count,
                    both.stream().mapToDouble(scores::get).toArray(),
                    both.stream().mapToDouble(ours::get).toArray(),
                    Clusters.of(both.stream().map(Asked::id).toList())));
          }
        });
    return ModelComparison.corrected(comparisons);
  }
}
