package io.tokenflex.jobs.pages.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.EvaluationSummary.CountResult;
import io.tokenflex.jobs.pages.html.ChartView;
import io.tokenflex.jobs.pages.html.ChartView.Mark;
import io.tokenflex.jobs.pages.html.ChartView.Shape;
import io.tokenflex.jobs.pages.html.ChartView.Tick;
import io.tokenflex.jobs.pages.report.ReportView.AccuracyTable;
import io.tokenflex.jobs.pages.report.ReportView.Cell;
import io.tokenflex.jobs.pages.report.ReportView.Column;
import io.tokenflex.jobs.pages.report.ReportView.Figure;
import io.tokenflex.jobs.pages.report.ReportView.Group;
import io.tokenflex.jobs.pages.report.ReportView.Row;
import io.tokenflex.statistics.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReportPageTest {
  @Test
  void aCompleteRunShowsEveryPart() throws IOException {
    String html = new ReportPage(ReportFixtures.complete()).render();
    // kept for people: open it in a browser
    Path page = Path.of("target", "report-fixture.html");
    Files.writeString(page, html);

    assertThat(html)
        .contains("accuracy, 256 tokens, 16 ms an answer", "image-truncated", "5f70bf18", "(empty)")
        .contains("Training never drew 100 tokens", "<th>100 tokens<small>never trained</small>")
        .contains("accuracy, 100 tokens, 6.0 ms an answer (never trained)")
        .contains("3 of 19203 samples drawn could not be trained on and were skipped.")
        .contains("What colour is the &lt;square&gt;?")
        .contains("Trained until 2026-11-29 01:50 UTC: 599 steps in ")
        .contains("samples/s in bf16, 2 ranks on AMD EPYC 9R14.")
        .contains("<code>./tokenflex quickstart --dir quickstart-run</code>", "7 min 11 s")
        .contains("AMD EPYC 9R14, 2 cores, multiplies bf16, 16 GB", "not ended")
        .doesNotContain("class=\"missing\"");
  }

  @Test
  void thePageNamesTheEvaluatedCheckpointAndSaysWhenItIsNotTheNewest() throws IOException {
    assertThat(new ReportPage(ReportFixtures.complete()).render())
        .contains("quickstart-run/checkpoints/step-000600</bdi></b> in fp32")
        .doesNotContain("not the newest checkpoint");
    assertThat(new ReportPage(ReportFixtures.complete("step-000700")).render())
        .contains("quickstart-run/checkpoints/step-000600</bdi></b>")
        .contains("This is not the newest checkpoint: that is step-000700.");
  }

  @Test
  void aBenchmarkStandsAsItsLeaderBoardShowsItWithIntervalAndShares() throws IOException {
    String html = new ReportPage(ReportFixtures.complete()).render();
    assertThat(html)
        .contains("<bdi>HallusionBench</bdi>", "mean of aAcc, fAcc, qAcc", "<td>28.25</td>")
        .contains("<td>26.3 to 30.3</td>", "<td>12.5 %</td>", "Overall aAcc", "<td>48.25</td>")
        .contains("2 rows of the table have no picture and were not asked.");
    assertThat(new ReportPage(ReportFixtures.empty()).render()).doesNotContain("Benchmarks");
  }

  @Test
  void differencesBetweenCountsStandWithTheirIntervalAndP() throws IOException {
    assertThat(new ReportPage(ReportFixtures.complete()).render())
        .contains(
            "<tr class=\"clear\"><td>256 over 64 tokens</td><td>+12.0 points</td>"
                + "<td>+10.0 to +14.0</td><td>below 0.0001</td><td>below 0.0001</td></tr>")
        .contains("<tr><td>256 over 144 tokens</td><td>+1.0 points</td>")
        .contains(
            "Accuracy and its cost (95 % intervals)",
            "3 answers are missing or can be compared with nothing");
  }

  @Test
  void whatTheModelChoseAndTheBestAnswersStandBesideTheCounts() throws IOException {
    assertThat(new ReportPage(ReportFixtures.complete()).render())
        .contains(
            "<tr class=\"clear\"><td>auto (cascade)</td><td>89.4 %</td><td>86.6 to 92.2</td>"
                + "<td>96.4</td><td>8.3 ms</td><td>-</td><td>131</td></tr>")
        .contains("auto is -0.60 points from 256 tokens on the same questions (90 % interval -1.10")
        .contains("at 38 % of its vision tokens and 51 % of its time")
        .contains("Answered at 64 tokens: 61.0 %, 144 tokens: 25.0 %, 256 tokens: 14.0 %.")
        .contains("auto, 96.4 tokens: 89.4 % (86.6 to 92.2) at 8.3 ms an answer")
        .contains("<td>the best of 4 counts</td><td>93.4 %</td>")
        .contains("<td>the best of 4 drawn at 256 tokens</td><td>92.1 %</td>")
        .contains("<td>100 tokens <small>never trained</small></td><td>83.0 %</td>")
        .contains("100 tokens, never trained: 83.0 % (80.0 to 86.0)")
        .contains("<th>64 tokens</th><th>256 tokens</th><th>auto</th>")
        .contains("<bdi>vision tokens an image</bdi></td><td>64.0</td><td>256.0</td><td>90.5</td>")
        .contains("<td>256 tokens over auto</td><td>+0.7 points</td>");
  }

  /** Of an imported model there are no steps that tell what was trained. */
  @Test
  void aCountOffThoseOfTheModelsFileIsMarkedWhereTheRunHasNoSteps() {
    CountResult off =
        new CountResult(100, 0.8, new Interval(0.7, 0.9), 2, 0.1, 9, 0.1, 0.1, 0, true);
    CountResult on =
        new CountResult(64, 0.8, new Interval(0.7, 0.9), 2, 0.1, 9, 0.1, 0.1, 0, false);
    EvaluationSummary summary =
        new EvaluationSummary(
            "m",
            "fp32",
            9,
            1,
            List.of(on, off),
            List.of(),
            "text",
            0,
            List.of(),
            List.of(),
            List.of());
    assertThat(EvaluationPart.neverTrained(summary, Set.of())).containsExactly(100);
    assertThat(EvaluationPart.neverTrained(summary, Set.of(100))).containsExactly(64);
  }

  @Test
  void anotherRunStandsBesideWithCurvesAccuraciesAndTests() throws IOException {
    String page = new ReportPage(ReportFixtures.complete()).render();
    assertThat(page)
        .contains("Beside <bdi>/runs/older</bdi>", "this run", "the other")
        .contains("<td>64 tokens</td><td>+8.2 points</td><td>+5.1 to +11.3</td>")
        .contains("<td>256 tokens</td><td>-0.4 points</td>")
        .contains("on the 500 questions that both were asked");
    assertThat(new ReportPage(ReportFixtures.empty()).render()).doesNotContain("id=\"beside\"");
  }

  @Test
  void answersAreFilteredByWhatIsRightAndWrongAtEachCount() throws IOException {
    assertThat(new ReportPage(ReportFixtures.complete()).render())
        .contains("2 of 2 questions")
        .contains(".browser:has(#wrong64:checked) .asked:not(.wrong64) { display: none; }")
        .contains("<div class=\"card asked wrong64 right256\">", "Which &lt;number&gt;?")
        .contains("name=\"at256\" id=\"right256\"");
  }

  @Test
  void thePageNeedsNoNetwork() throws IOException {
    assertThat(new ReportPage(ReportFixtures.complete()).render())
        .doesNotContain("http://", "https://", "<script", "@import", "url(");
  }

  @Test
  void anEmptyRunNamesTheCommandsThatFillIt() {
    assertThat(new ReportPage(ReportFixtures.empty()).render())
        .contains("./tokenflex train --conf FILE")
        .contains("./tokenflex evaluate --conf FILE")
        .contains("./tokenflex prepare --conf FILE");
  }

  @Test
  void aModelOfAFixedCountStandsBesideTheFlexibleOneAtEveryCount() throws IOException {
    ReportView view = new ReportPage(ReportFixtures.complete()).view();

    assertThat(view.headline())
        .containsExactly(
            "With 256 tokens 74 % of print answers are right, with 64 tokens 31 %; 64 tokens answer"
                + " 4.1 times as fast.",
            "The model trained with 256 tokens only: 75 % with 256 tokens, 2 % with 64.");
    AccuracyTable table = view.evaluation().orElseThrow().table();
    assertThat(table.groups())
        .containsExactly(new Group("flexible", 4), new Group("trained with 256 tokens only", 4));
    assertThat(table.columns())
        .extracting(Column::note)
        .containsExactly(
            "", "never trained", "", "", "never trained", "never trained", "never trained", "");
    assertThat(cells(table, "colour"))
        .containsExactly(
            "97.0 %", "98.0 %", "99.0 %", "99.0 %", "60.0 %", "70.0 %", "80.0 %", "99.0 %");
    assertThat(cells(table, "shape")).endsWith("", "", "", "");
    assertThat(table.total()).extracting(Cell::text).startsWith("78.0 %").endsWith("91.0 %");
    assertThat(view.evaluation().orElseThrow().figures())
        .extracting(Figure::title)
        .contains("The flexible model and a fixed one");
  }

  private static List<String> cells(AccuracyTable table, String kind) {
    Row row = table.rows().stream().filter(r -> r.name().equals(kind)).findFirst().orElseThrow();
    return row.cells().stream().map(Cell::text).toList();
  }

  @Test
  void theStartOfTheLossCurveLeavesRoomForTheRest() throws IOException {
    ChartView loss =
        new ReportPage(ReportFixtures.complete()).view().training().orElseThrow().loss().chart();
    // The running means of three token counts, which end near 0.3 to 0.4 after a start near 4.
    List<Mark> means = loss.marks().stream().filter(m -> m.shape() == Shape.LINE).toList();
    assertThat(means).hasSize(3);
    assertThat(loss.yTicks()).extracting(Tick::label).contains("0.2", "0.5", "1", "2");
    double half = (loss.plot().top() + loss.plot().bottom()) / 2.0;
    for (Mark mean : means) {
      List<Double> ys = Arrays.stream(mean.path().split("[ ,]", -1)).map(Double::valueOf).toList();
      // A linear axis from zero had everything after step 100 in its lowest fifth.
      assertThat(ys.get(1)).isLessThan(half - 60);
      assertThat(ys.get(ys.size() - 1)).isBetween(half, half + 90.0);
    }
  }
}
