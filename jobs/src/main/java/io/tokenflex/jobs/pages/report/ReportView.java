package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.pages.html.ChartView;
import io.tokenflex.jobs.pages.html.Palette.Colour;
import io.tokenflex.jobs.pages.html.Tile;
import java.util.List;
import java.util.Optional;

/**
 * What the template {@code report.ftlh} shows; texts are as people read them, colours are CSS.
 *
 * @param headline sentences, the most important first
 * @param byline sentences on when, where and how fast the run was trained
 * @param command that made the run; empty if it is not known
 * @param browsers one, or none if nothing was asked
 * @param settings the effective configuration
 */
public record ReportView(
    String title,
    List<Colour> colours,
    List<String> headline,
    String byline,
    String command,
    List<Tile> tiles,
    Optional<Evaluation> evaluation,
    Optional<Beside> beside,
    Optional<Training> training,
    List<BenchmarkCard> benchmarks,
    List<Example> examples,
    List<Browser> browsers,
    List<Dataset> datasets,
    List<Command> commands,
    List<Fact> facts,
    String settings) {

  /** A chart and what stands above it. */
  public record Figure(String title, ChartView chart) {}

  /**
   * How good and how fast the model answers.
   *
   * @param precision empty if it is not known
   * @param newestCheckpoint empty if it is the one that was evaluated
   * @param scoredBy how answers were compared with what was expected, in words
   * @param broken how many answers are missing; empty if none
   * @param neverTrained token counts, with commas between; empty if all were trained
   */
  public record Evaluation(
      String model,
      String precision,
      String newestCheckpoint,
      String numQuestions,
      String neverTrained,
      String scoredBy,
      String broken,
      AccuracyTable table,
      CostTable cost,
      List<ComparisonRow> comparisons,
      List<Figure> figures) {}

  /**
   * What all answers together are worth and cost.
   *
   * @param rows token counts, numbers that the model chose, and the best of several answers
   * @param told sentences below it
   */
  public record CostTable(List<CostRow> rows, List<String> told) {}

  /**
   * A way to answer all questions; what is not known of it is a dash.
   *
   * @param note empty, or that the count was never trained
   * @param isChosen whether the model chose the numbers
   */
  public record CostRow(
      String name,
      String note,
      String accuracy,
      String interval,
      String visionTokens,
      String seconds,
      String newTokens,
      String prefill,
      boolean isChosen) {}

  /**
   * Another run beside this one.
   *
   * @param told sentences on what is compared
   * @param columns token counts that both were asked at
   * @param accuracies of both runs, all questions first, then each kind
   */
  public record Beside(
      String name,
      List<String> told,
      Optional<Figure> loss,
      List<String> columns,
      List<NumberRow> accuracies,
      List<ComparisonRow> comparisons) {}

  /**
   * Two token counts, or two runs at one, on the same questions.
   *
   * @param isClear whether chance does not explain the difference
   */
  public record ComparisonRow(
      String counts, String difference, String interval, String p, String holmP, boolean isClear) {}

  /**
   * A public benchmark.
   *
   * @param told sentences on how it was asked and scored
   * @param columns a token count each
   * @param head its headline and what belongs to it
   * @param report as its leader board shows it
   */
  public record BenchmarkCard(
      String name,
      List<String> told,
      List<String> columns,
      List<NumberRow> head,
      List<NumberRow> report,
      List<ComparisonRow> comparisons) {}

  /** A name and a number for each token count. */
  public record NumberRow(String name, List<String> numbers) {}

  /**
   * Questions to be filtered by which counts answer them rightly.
   *
   * @param counts token counts
   */
  public record Browser(
      String numAsked, String numShown, List<String> counts, List<Browsed> rows) {}

  /**
   * A question of the browser.
   *
   * @param classes of CSS: {@code right64 wrong256}
   */
  public record Browsed(
      String classes, String kind, String question, String expected, List<Answer> answers) {}

  /**
   * Accuracy of each kind at each token count.
   *
   * @param groups models side by side, each with its columns; one without a name if it is alone
   */
  public record AccuracyTable(
      List<Group> groups, List<Column> columns, List<Row> rows, List<Cell> total) {}

  /** Columns of one model. */
  public record Group(String name, int numColumns) {}

  /**
   * A token count of a model.
   *
   * @param note empty, or that it was never trained
   * @param isFirst of its model
   */
  public record Column(String label, String note, boolean isFirst) {}

  /**
   * A kind of question, or a detail of the kind above.
   *
   * @param chanceMeans what is always answered to be right as often
   */
  public record Row(
      String name,
      boolean isDetail,
      String numQuestions,
      String chance,
      String chanceMeans,
      List<Cell> cells) {}

  /**
   * An accuracy.
   *
   * @param isAboveChance whether it is coloured as good
   * @param strength of the colour, from 0 to 1; empty for no colour
   * @param isFirst of its model
   */
  public record Cell(String text, boolean isAboveChance, String strength, boolean isFirst) {}

  /** How training went. */
  public record Training(String text, Figure loss, List<Share> shares, List<Figure> figures) {}

  /** The part of the steps that drew a token count. */
  public record Share(String width, String colour, String label) {}

  /** A held-out question. */
  public record Example(
      String picture, String kind, String question, String expected, List<Answer> answers) {}

  /** An answer to it. */
  public record Answer(String label, String text, boolean isCorrect) {}

  /** A prepared dataset. */
  public record Dataset(String split, List<Fact> facts, List<Reject> rejects) {}

  /**
   * A reason for rejecting records.
   *
   * @param width of its bar, as CSS
   */
  public record Reject(String reason, String number, String width) {}

  /** A command that worked in the run folder. */
  public record Command(String startedAt, String line, String took) {}

  /** A name and a value. */
  public record Fact(String name, String value) {}
}
