package io.tokenflex.jobs.predict;

import io.tokenflex.adaptive.ConfidenceMeasure;
import io.tokenflex.generate.Answer.Cost;
import io.tokenflex.jobs.answers.AnsweredRow;
import io.tokenflex.jobs.answers.Answers;
import io.tokenflex.jobs.answers.ChosenRows;
import io.tokenflex.jobs.answers.RowSource;
import java.io.IOException;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Answers within a mean number of vision tokens: every row at a first count, then those that are
 * least sure at a second. Which these are is a matter of all rows, so it does not depend on how
 * they are spread over executors; ids and confidences of all rows have to fit into the driver's
 * memory.
 *
 * @param rows in the order of the ids
 * @param brokenRows some of the rows without an answer, and why
 */
record BudgetedAnswers(JavaRDD<AnsweredRow> rows, List<String> brokenRows) {
  private static final Logger log = LoggerFactory.getLogger(BudgetedAnswers.class);

  /** A row after its first answer. */
  private record Asked(int group, String id, double confidence) implements Serializable {}

  static BudgetedAnswers ask(
      JavaSparkContext context, PredictJob.Asking asking, RowSource rows, TokenChoice.Budget budget)
      throws IOException {
    double maxBroken = asking.settings().maxBrokenFraction();
    Answers first = asking.answers(rows, budget.count(), maxBroken);
    JavaRDD<AnsweredRow> atFirst = first.rows(context).map(Answers.AtCount::row);
    if (budget.plan().second().isEmpty()) {
      return new BudgetedAnswers(atFirst, first.brokenRows());
    }
    Map<Integer, Set<String>> chosen =
        leastSure(first.rows(context), budget.measure(), budget.plan()::numSecond);
    log.info(
        "predict: {} rows are answered once more, at {} vision tokens",
        chosen.values().stream().mapToInt(Set::size).sum(),
        budget.plan().second().get());
    // one that is too long at the second count keeps its first answer
    Answers second = asking.answers(new ChosenRows(rows, chosen), budget.plan().second().get(), 1);
    JavaPairRDD<String, AnsweredRow> better =
        second
            .rows(context)
            .map(Answers.AtCount::row)
            .filter(row -> !row.isBroken())
            .mapToPair(row -> new Tuple2<>(row.id(), row));
    JavaRDD<AnsweredRow> merged =
        atFirst
            .mapToPair(row -> new Tuple2<>(row.id(), row))
            .leftOuterJoin(better)
            .sortByKey()
            .values()
            .map(both -> both._2().isPresent() ? after(both._1(), both._2().get()) : both._1());
    return new BudgetedAnswers(merged, first.brokenRows());
  }

  /** How many of so many rows are answered once more. */
  @FunctionalInterface
  private interface NumSecond {
    int of(int numRows);
  }

  private static Map<Integer, Set<String>> leastSure(
      JavaRDD<Answers.AtCount> answers, ConfidenceMeasure measure, NumSecond numSecond) {
    List<Asked> asked =
        answers
            .filter(answer -> answer.row().cost().visionTokensTried() > 0)
            .map(
                answer ->
                    new Asked(
                        answer.group(), answer.row().id(), measure.of(answer.row().confidence())))
            .collect();
    Map<Integer, Set<String>> chosen = new TreeMap<>();
    asked.stream()
        .sorted(Comparator.comparingDouble(Asked::confidence).thenComparing(Asked::id))
        .limit(numSecond.of(asked.size()))
        .forEach(row -> chosen.computeIfAbsent(row.group(), g -> new TreeSet<>()).add(row.id()));
    return chosen;
  }

  private static AnsweredRow after(AnsweredRow first, AnsweredRow second) {
    Cost cost = second.cost();
    return new AnsweredRow(
        second.id(),
        second.text(),
        second.numNewTokens(),
        second.batchSize(),
        first.batchSeconds() + second.batchSeconds(),
        second.problem(),
        second.carried(),
        second.confidence(),
        new Cost(
            cost.numVisionTokens(),
            first.cost().visionTokensTried() + cost.visionTokensTried(),
            first.cost().prefillFlops() + cost.prefillFlops()));
  }
}
