package io.tokenflex.benchmark;

import io.tokenflex.score.Outcome;
import java.util.List;
import java.util.Map;

/**
 * A benchmark's answers, scored.
 *
 * @param rule what scored them, in words
 * @param rows every answer, in the order of the table
 * @param counted what the headline is over: rows, or questions of circular evaluation
 * @param judged how often a judge was asked, by index of the row
 * @param headline the number that leader boards show
 * @param tables the whole report
 */
public record BenchmarkResult(
    Benchmark benchmark,
    String rule,
    List<ScoredRow> rows,
    List<ScoredRow> counted,
    Map<String, Integer> judged,
    Headline headline,
    List<ReportTable> tables) {
  public BenchmarkResult {
    rows = List.copyOf(rows);
    counted = List.copyOf(counted);
    judged = Map.copyOf(judged);
    tables = List.copyOf(tables);
  }

  /**
   * One number.
   *
   * @param name for instance {@code accuracy}
   * @param value in percent, but for OCRBench, MME and CIDEr, which have scales of their own
   */
  public record Headline(String name, double value) {}

  /** Share of answers in which the rule found nothing; they count as wrong. */
  public double unparsedShare() {
    return share(Outcome.UNPARSED);
  }

  /** Share of answers that wait for a judge; they are in no number. */
  public double unscoredShare() {
    return share(Outcome.UNSCORED);
  }

  private double share(Outcome outcome) {
    return rows.stream().filter(row -> row.score().outcome() == outcome).count()
        / (double) rows.size();
  }
}
