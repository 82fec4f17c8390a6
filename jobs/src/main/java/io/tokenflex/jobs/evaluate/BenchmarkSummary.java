package io.tokenflex.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tokenflex.benchmark.ReportTable;
import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A benchmark in numbers; {@code benchmarks.json} is a list of these.
 *
 * @param model path of the evaluated model folder
 * @param precision what the model computed in
 * @param name of the benchmark's table
 * @param data path of the table
 * @param style whose prompts
 * @param cells what cells were read as
 * @param rule what scored the answers, judge included
 * @param headline what the number of leader boards is called
 * @param numRows rows that were asked, rotations included
 * @param numQuestions rows that count; fewer where rotations count as one
 * @param leftOut rows of the table that were not asked, since they have no picture
 * @param brokenRows some of the rows that could not be asked, with what is wrong
 * @param comparisons of mean scores of rows at two counts; those of numbers that the model chose
 *     have {@link Slice#AUTO} as the lower one, and the largest count as the other
 */
public record BenchmarkSummary(
    String model,
    String precision,
    String name,
    String data,
    String style,
    String cells,
    String rule,
    String headline,
    int numRows,
    int numQuestions,
    List<String> leftOut,
    List<String> brokenRows,
    List<Count> counts,
    List<Sweep.Comparison> comparisons) {

  /**
   * The benchmark at one token count.
   *
   * @param numVisionTokens {@link Slice#AUTO} for numbers that the model chose
   * @param value the number of leader boards; NaN if no row is scored
   * @param interval of 95 %; NaN at both ends if there are too few rows to tell
   * @param unparsedShare of answers in which the rule found nothing; they are wrong
   * @param unscoredShare of answers that wait for a judge; they are in no number
   * @param tables the report as the benchmark's leader board shows it
   * @param meanVisionTokens an image, those of answers that were given up included; 0 in files
   *     written before it was stored
   */
  public record Count(
      int numVisionTokens,
      double value,
      Interval interval,
      double unparsedShare,
      double unscoredShare,
      Speed speed,
      List<ReportTable> tables,
      double meanVisionTokens) {
    /** The number in words: {@code 64 tokens}, or {@code auto}. */
    public String inWords() {
      return numVisionTokens == Slice.AUTO ? "auto" : numVisionTokens + " tokens";
    }
  }

  /** Whether numbers that the model chose are among them. */
  @JsonIgnore
  public boolean hasAuto() {
    return counts.stream().anyMatch(count -> count.numVisionTokens() == Slice.AUTO);
  }

  /** The benchmark with its report at every count; widths fit a terminal. */
  public String toTable() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT, "%s: %d questions, %s, prompts %s", name, numQuestions, rule, style));
    if (!leftOut.isEmpty()) {
      text.append(
          String.format(Locale.ROOT, "; %d rows without a picture left out", leftOut.size()));
    }
    text.append(String.format(Locale.ROOT, "%n%-28s", ""));
    counts.forEach(count -> text.append(String.format(Locale.ROOT, "%16s", count.inWords())));
    line(text, headline, counts.stream().map(count -> number(count.value())).toList());
    if (hasAuto()) {
      line(
          text,
          "vision tokens an image",
          counts.stream()
              .map(count -> String.format(Locale.ROOT, "%.1f", count.meanVisionTokens()))
              .toList());
    }
    line(
        text,
        "95 % interval",
        counts.stream().map(Count::interval).map(BenchmarkSummary::range).toList());
    line(text, "unparsed", counts.stream().map(count -> share(count.unparsedShare())).toList());
    line(text, "unscored", counts.stream().map(count -> share(count.unscoredShare())).toList());
    line(
        text,
        "seconds an answer",
        counts.stream()
            .map(count -> String.format(Locale.ROOT, "%.3f", count.speed().secondsPerAnswer()))
            .toList());
    line(
        text,
        "new tokens an answer",
        counts.stream().map(count -> number(count.speed().newTokensPerAnswer())).toList());
    for (ReportLine row : reportLines()) {
      line(text, row.name(), row.numbers().stream().map(BenchmarkSummary::number).toList());
    }
    return text.toString();
  }

  /**
   * A number of the report at every count.
   *
   * @param name the line of the table, if it has one, and the number's own name
   * @param numbers in the order of {@link #counts}; NaN where there is none
   */
  public record ReportLine(String name, List<Double> numbers) {}

  /** All numbers of the report, in the order of the tables at the first count. */
  public List<ReportLine> reportLines() {
    List<ReportLine> rows = new ArrayList<>();
    List<ReportTable> tables = counts.get(0).tables();
    for (int table = 0; table < tables.size(); table++) {
      for (ReportTable.Line line : tables.get(table).lines()) {
        for (String number : line.numbers().keySet()) {
          int at = table;
          rows.add(
              new ReportLine(
                  line.name().isEmpty() || line.name().equals("none")
                      ? number
                      : line.name() + " " + number,
                  counts.stream()
                      .map(count -> count.tables().get(at).number(line.name(), number))
                      .map(found -> found.orElse(Double.NaN))
                      .toList()));
        }
      }
    }
    return rows;
  }

  /** The headline at each count. */
  public String toOneLine() {
    StringBuilder text = new StringBuilder(name + " " + headline);
    String separator = " ";
    for (Count count : counts) {
      text.append(separator).append(number(count.value())).append(" at ").append(count.inWords());
      separator = ", ";
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, List<String> values) {
    text.append(String.format(Locale.ROOT, "%n  %-26s", name));
    values.forEach(value -> text.append(String.format(Locale.ROOT, "%16s", value)));
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }

  private static String range(Interval interval) {
    return Double.isNaN(interval.low())
        ? "-"
        : String.format(Locale.ROOT, "%.1f to %.1f", interval.low(), interval.high());
  }

  private static String share(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }
}
