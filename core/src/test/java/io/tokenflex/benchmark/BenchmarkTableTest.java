package io.tokenflex.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.score.ChoiceRule;
import io.tokenflex.statistics.ClusterBootstrap;
import io.tokenflex.statistics.Interval;
import io.tokenflex.table.CellReading;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BenchmarkTableTest {
  private static final String PICTURE = Base64.getEncoder().encodeToString(new byte[60]);
  private static final String OTHER =
      Base64.getEncoder().encodeToString("x".repeat(60).getBytes(StandardCharsets.UTF_8));

  private static BenchmarkTable read(String name, String... lines) throws IOException {
    return BenchmarkTable.read(
        Benchmark.named(name),
        new StringReader(String.join("\n", lines) + "\n"),
        "t.tsv",
        CellReading.EXACT);
  }

  private static void assertRefused(String message, String name, String... lines) {
    assertThatThrownBy(() -> read(name, lines))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aMissingRotationIsRefusedByItsIndex() {
    String head = "index\tquestion\tA\tB\tC\tanswer\timage";
    String first = "7\tq\tx\ty\tz\tA\t" + PICTURE;
    String second = "1000007\tq\tz\tx\ty\tB\t7";
    assertRefused(
        "Question 7 stands in 2 rows; expected one for each of its 3 options",
        "MMBench_DEV_EN_V11",
        head,
        first,
        second);
    assertRefused(
        "Question 7 has 1 rotated rows but no row 7",
        "MMBench_DEV_EN_V11",
        head,
        "1000007\tq\tz\tx\ty\tB\t" + PICTURE);
  }

  @Test
  void anAnswerThatIsNoLetterIsRefusedBeforeAnythingIsAsked() {
    String head = "index\tquestion\tA\tB\tanswer\timage";
    assertRefused(
        "row 1: the answer is 'b'; expected one of the letters [A, B]",
        "MMStar",
        head,
        "1\tq\tx\ty\tb\t" + PICTURE);
    assertRefused("row 1: the answer is 'C'", "MMStar", head, "1\tq\tx\ty\tC\t" + PICTURE);
    assertRefused(
        "the answer is 'yes'; expected Yes or No",
        "POPE",
        "index\tquestion\tanswer\timage",
        "1\tq\tyes\t" + PICTURE);
    assertRefused(
        "row 2: the cell in column answer is missing",
        "MMStar",
        head,
        "1\tq\tx\ty\tA\t" + PICTURE,
        "2\tq\tx\ty\t\t" + PICTURE);
  }

  @Test
  void aTableWithoutAnswersCanBeAskedButNotScored() throws IOException {
    BenchmarkTable table = read("MMStar", "index\tquestion\tA\tB\timage", "1\tq\tx\ty\t" + PICTURE);
    assertThat(table.hasAnswers()).isFalse();
    assertThatThrownBy(
            () ->
                new BenchmarkScoring(ScoringRules.defaults(ChoiceRule.APRIL_2025))
                    .score(table, Map.of("1", "A")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("the table has no answers");
  }

  @Test
  void everyRowNeedsAPrediction() throws IOException {
    BenchmarkTable table =
        read("MMStar", "index\tquestion\tA\tB\tanswer\timage", "1\tq\tx\ty\tA\t" + PICTURE);
    assertThatThrownBy(
            () ->
                new BenchmarkScoring(ScoringRules.defaults(ChoiceRule.APRIL_2025))
                    .score(table, Map.of()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no prediction for row 1");
  }

  @Test
  void indicesStandOnceAndReferencesLeadSomewhere() throws IOException {
    String head = "index\tquestion\tanswer\timage";
    assertRefused(
        "index 1 stands in two rows", "GQA", head, "1\tq\tx\t" + PICTURE, "1\tp\tx\t" + PICTURE);
    BenchmarkTable lost = read("GQA", head, "1\tq\tx\t5");
    assertThatThrownBy(() -> lost.pictures().pictures("1"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("the index of no row");
    BenchmarkTable circle = read("GQA", head, "1\tq\tx\t2", "2\tq\tx\t1");
    assertThatThrownBy(() -> circle.pictures().pictures("1"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("refers back");
    assertRefused("no column image", "GQA", "index\tquestion\tanswer", "1\tq\tx");
  }

  @Test
  void base64MayHoldLineEndsAndIsCheckedForItsLength() throws IOException {
    String broken = PICTURE.substring(0, 40) + "\r\n" + PICTURE.substring(40);
    BenchmarkTable table =
        read(
            "GQA",
            "index\tquestion\tanswer\timage",
            "1\tq\tx\t\"" + broken + "\"",
            "2\tq\tx\t" + PICTURE.substring(1),
            "3\tq\tx\t['" + PICTURE + "', '" + OTHER + "']");
    assertThat(table.pictures().pictures("1").get(0)).hasSize(60);
    assertThat(table.pictures().pictures("3")).hasSize(2);
    assertThatThrownBy(() -> table.pictures().pictures("2"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("Row 2: image is no base64");
  }

  @Test
  void unparsedCountsAsWrongAndUnscoredNotAtAll() throws IOException {
    BenchmarkTable table =
        read(
            "MathVista_MINI",
            "index\tquestion\tanswer\tquestion_type\tanswer_type\ttask\tskills\timage",
            "1\tq\t3\tfree_form\tinteger\tt\t['s']\t" + PICTURE,
            "2\tq\t3\tfree_form\tinteger\tt\t['s']\t1",
            "3\tq\t3\tfree_form\tinteger\tt\t['s']\t" + OTHER);
    BenchmarkResult result =
        new BenchmarkScoring(ScoringRules.defaults(ChoiceRule.APRIL_2025))
            .score(table, Map.of("1", "3", "2", "three", "3", "4"));
    assertThat(result.unscoredShare()).isEqualTo(1 / 3.0);
    assertThat(result.headline().value()).isEqualTo(50);
    assertThat(result.rule()).isEqualTo("MathVista by the answer's type, choice 2025-04, no judge");
    assertThat(result.tables().get(0).number("t", "tot")).contains(2.0);
  }

  @Test
  void rowsWithTheSamePictureAreOneCluster() throws IOException {
    BenchmarkTable table =
        read(
            "GQA",
            "index\tquestion\tanswer\timage",
            "1\tq\tx\t" + PICTURE,
            "2\tq\tx\t1",
            "3\tq\tx\t" + PICTURE,
            "4\tq\tx\t" + OTHER);
    List<String> keys = table.rows().stream().map(table::clusterKey).toList();
    assertThat(keys.subList(0, 3)).containsOnly(keys.get(0));
    assertThat(keys.get(3)).isNotEqualTo(keys.get(0));
  }

  /** A bootstrap of a number that is no mean: its interval holds the number and is not a point. */
  @Test
  void theIntervalOfHallusionBenchHoldsItsMean() throws IOException {
    StringBuilder rows = new StringBuilder();
    Map<String, String> predictions = new HashMap<>();
    for (int set = 0; set < 40; set++) {
      for (int question = 0; question < 2; question++) {
        String index = "VD_math_1_" + set + "_0_" + question;
        rows.append(index).append("\tq\tYes\tVD\tVD_math\t").append(PICTURE).append('\n');
        predictions.put(index, (set + question) % 3 == 0 ? "No" : "Yes");
      }
    }
    BenchmarkTable table =
        read(
            "HallusionBench",
            "index\tquestion\tanswer\tcategory\tl2-category\timage",
            rows.toString());
    BenchmarkResult result =
        new BenchmarkScoring(ScoringRules.defaults(ChoiceRule.APRIL_2025))
            .score(table, predictions);
    Optional<Interval> interval =
        Headlines.interval(
            result,
            table.rows().stream().map(table::clusterKey).toList(),
            new ClusterBootstrap(1, 500));
    double mean = result.headline().value();
    assertThat(interval.orElseThrow().low()).isLessThan(mean).isGreaterThan(mean - 25);
    assertThat(interval.orElseThrow().high()).isGreaterThan(mean).isLessThan(mean + 25);
  }

  @Test
  void namesThatNobodyKnowsAreRefusedWithThoseThatAre() {
    assertThatThrownBy(() -> Benchmark.named("Chess"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("Benchmark 'Chess' is not known")
        .hasMessageContaining("MMStar");
    assertThat(Benchmark.named("MMBench_DEV_CN_V11").family()).isEqualTo(Family.CIRCULAR);
    assertThat(Benchmark.named("MME").family()).isEqualTo(Family.MME);
    assertThat(Benchmark.named("MMMU_DEV_VAL").family()).isEqualTo(Family.MMMU);
  }
}
