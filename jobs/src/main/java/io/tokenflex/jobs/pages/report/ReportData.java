package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.evaluate.BenchmarkSummary;
import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.ModelComparison;
import io.tokenflex.jobs.run.CommandLog;
import io.tokenflex.jobs.run.TrainingEnvironment;
import io.tokenflex.train.StepMetrics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything the page shows. Parts that a run has not made yet are empty; the page says so.
 *
 * @param title names the run
 * @param steps in ascending order of step; of a long run only some of them
 * @param environment what the run was trained with
 * @param newestCheckpoint name of the newest checkpoint's folder, if there is one
 * @param fixed a model trained at fewer token counts, evaluated at all of them, to compare with
 * @param beside another run to show beside this one
 * @param datasets by split
 * @param benchmarks that the run was asked
 * @param asked questions with their answers, in the order of the data
 * @param commands that worked in the run folder, the newest last
 * @param facts name and value, in the order to show them
 * @param settings the effective configuration
 */
record ReportData(
    String title,
    List<StepMetrics> steps,
    Optional<TrainingEnvironment> environment,
    Optional<EvaluationSummary> evaluation,
    Optional<String> newestCheckpoint,
    Optional<FixedModel> fixed,
    Optional<Beside> beside,
    List<Dataset> datasets,
    List<Example> examples,
    List<BenchmarkSummary> benchmarks,
    List<Asked> asked,
    List<CommandLog.Entry> commands,
    Map<String, String> facts,
    String settings) {

  /**
   * A model to compare with.
   *
   * @param trained its token counts; empty if they are not known
   */
  record FixedModel(Set<Integer> trained, EvaluationSummary evaluation) {}

  /**
   * Another run.
   *
   * @param name its folder
   * @param comparisons of this run with it, at each count that both were asked at
   */
  record Beside(
      String name,
      List<StepMetrics> steps,
      Optional<EvaluationSummary> evaluation,
      List<ModelComparison> comparisons) {}

  /** A prepared dataset in numbers. */
  record Dataset(
      String split, long rows, long shards, long rowGroups, long bytes, Map<String, Long> rejects) {
    long numRejects() {
      return rejects.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** A held-out question with its picture and what the model answered at each token count. */
  record Example(
      String pictureUri, String kind, String question, String expected, List<Answer> answers) {}

  /**
   * A question and what the model answered at each token count.
   *
   * @param kind of the question, or the name of its benchmark
   */
  record Asked(String kind, String question, String expected, List<Answer> answers) {
    /** Whether some counts are right and others are not. */
    boolean tokensMatter() {
      return answers.stream().map(Answer::correct).distinct().count() > 1;
    }
  }

  /** One answer of an {@link Example} or to a question that was {@link Asked}. */
  record Answer(int numVisionTokens, String text, boolean correct) {}
}
