package io.tokenflex.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.adaptive.Calibration.Method;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CalibrationFitTest {
  private static final Calibration.Source SOURCE =
      new Calibration.Source("model-digest", "rows", List.of("picture-0"));

  private static Calibration fit(CalibrationRows rows, double tolerance) {
    return CalibrationFit.fit(rows, SOURCE, tolerance, Optional.empty());
  }

  @Test
  void onlyWhatNeedsMoreTokensGoesUp() {
    Calibration calibration = fit(SyntheticRows.of(100, 1, 0), 0.01);

    Cascade cascade = calibration.cascade();
    assertThat(cascade.counts()).containsExactly(4, 256);
    assertThat(cascade.acceptFrom().get(0)).isBetween(-0.5, -0.15);
    assertThat(calibration.cascadePoint().meanVisionTokens()).isBetween(50.0, 60.0);
    assertThat(calibration.cascadePoint().difference()).isBetween(-0.005, 0.005);
    // a fifth of the rows at 256, the others at 4
    assertThat(calibration.selectorPoint().meanVisionTokens()).isBetween(50.0, 58.0);
    assertThat(calibration.selector().choose(new float[] {1, 0, 1})).isEqualTo(256);
    assertThat(calibration.selector().choose(new float[] {-1, 0, 1})).isEqualTo(4);
  }

  @Test
  void theWayThatTakesFewerTokensIsTheDefaultUnlessOneIsNamed() {
    CalibrationRows rows = SyntheticRows.of(100, 2, 0);
    Calibration calibration = fit(rows, 0.01);
    boolean isSelector =
        calibration.selectorPoint().meanVisionTokens()
            < calibration.cascadePoint().meanVisionTokens();

    assertThat(calibration.method()).isEqualTo(isSelector ? Method.SELECTOR : Method.CASCADE);
    for (Method method : Method.values()) {
      assertThat(CalibrationFit.fit(rows, SOURCE, 0.01, Optional.of(method)).method())
          .isEqualTo(method);
    }
  }

  /** At 4 tokens an answer costs nearly as much as at 256, so trying 4 first is a waste. */
  @Test
  void whatAnAnswerCostsDecidesAndNotItsTokens() {
    CalibrationRows rows = SyntheticRows.of(100, 1, 0);
    List<Double> costs = rows.counts().stream().map(count -> 1 + count / 2560.0).toList();
    Calibration calibration = fit(new CalibrationRows(rows.counts(), rows.rows(), costs), 0.01);

    assertThat(calibration.cascade().counts()).containsExactly(256);
    assertThat(calibration.cascadePoint().meanVisionTokens()).isEqualTo(256);
    assertThat(calibration.method()).as("one answer each").isEqualTo(Method.SELECTOR);
    assertThatThrownBy(() -> new CalibrationRows(rows.counts(), rows.rows(), List.of(1.0)))
        .hasMessageContaining("are [1.0]; expected one above 0 for each");
  }

  @Test
  void misreadingWithConfidenceCostsTokens() {
    double blind = fit(SyntheticRows.of(100, 3, 1), 0.01).cascadePoint().meanVisionTokens();
    double seeing = fit(SyntheticRows.of(100, 3, 0), 0.01).cascadePoint().meanVisionTokens();
    assertThat(blind).as("wrong answers look like right ones").isGreaterThan(2 * seeing);
  }

  @Test
  void aLargerToleranceNeverTakesMoreTokens() {
    CalibrationRows rows = SyntheticRows.of(60, 4, 0.3);
    double before = Double.POSITIVE_INFINITY;
    for (double tolerance : new double[] {0, 0.01, 0.03, 0.1, 0.3}) {
      Calibration calibration = fit(rows, tolerance);
      assertThat(calibration.cascadePoint().meanVisionTokens()).isLessThanOrEqualTo(before);
      assertThat(calibration.cascadePoint().interval90().low()).isGreaterThanOrEqualTo(-tolerance);
      assertThat(calibration.selectorPoint().interval90().low()).isGreaterThanOrEqualTo(-tolerance);
      before = calibration.cascadePoint().meanVisionTokens();
    }
    assertThat(before).as("nothing is lost that is not allowed").isEqualTo(4);
  }

  @Test
  void rowsThatWereNotSeenAreAnsweredAsWell() {
    Calibration calibration = fit(SyntheticRows.of(200, 5, 0.01), 0.01);
    CalibrationRows others = SyntheticRows.of(200, 6, 0.01);
    double lost = 0;
    double tokens = 0;
    for (CalibrationRows.Row row : others.rows()) {
      Cascade cascade = calibration.cascade();
      int level = 0;
      tokens += cascade.counts().get(0);
      while (!cascade.accepts(
          level, cascade.measure().of(row.confidences().get(placeOf(cascade, level))))) {
        tokens += cascade.counts().get(++level);
      }
      lost += row.scores().get(2) - row.scores().get(placeOf(cascade, level));
    }
    assertThat(lost / others.rows().size()).isLessThan(0.015);
    assertThat(tokens / others.rows().size()).isLessThan(0.4 * 256);
  }

  private static int placeOf(Cascade cascade, int level) {
    return SyntheticRows.COUNTS.indexOf(cascade.counts().get(level));
  }

  @Test
  void aFileIsReadAsItWasWrittenAndOneOfAnotherModelIsRefused() throws IOException {
    Calibration calibration = fit(SyntheticRows.of(40, 7, 0.1), 0.01);
    Calibration read = Calibration.read(calibration.toJson(), "file");

    assertThat(read).isEqualTo(calibration);
    assertThat(read.digest()).isEqualTo(calibration.digest());
    Method other = read.method() == Method.CASCADE ? Method.SELECTOR : Method.CASCADE;
    assertThat(read.withMethod(other).digest()).isNotEqualTo(calibration.digest());
    read.expectModel("model-digest", "file");
    assertThatThrownBy(() -> read.expectModel("another", "file"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("model-digest")
        .hasMessageContaining("run tokenflex calibrate for this model");
  }

  @Test
  void aFileThatIsNoneOrOfAnotherFormatIsNamed() {
    String json =
        new String(fit(SyntheticRows.of(20, 8, 0), 0.01).toJson(), StandardCharsets.UTF_8);
    for (String wrong :
        List.of("{}", "no json", json.replace("\"format\" : 1", "\"format\" : 9"))) {
      assertThatThrownBy(
              () -> Calibration.read(wrong.getBytes(StandardCharsets.UTF_8), "place/file"))
          .isInstanceOf(DamagedDataException.class)
          .hasMessageContaining("place/file")
          .hasMessageContaining("run tokenflex calibrate again");
    }
  }

  @Test
  void whatCannotBeCalibratedIsRefused() {
    assertThatThrownBy(() -> SyntheticRows.of(3, 9, 0))
        .hasMessageContaining("15 rows about 3 pictures; it needs 10");
    assertThatThrownBy(() -> fit(SyntheticRows.of(20, 9, 0), -0.1))
        .hasMessageContaining("tolerance is -0.1");
    assertThatThrownBy(() -> new CalibrationRows(List.of(64, 4), List.of()))
        .hasMessageContaining("[64, 4]");
  }

  @Test
  void aBudgetIsSpentOnTheLeastSureAndNeverExceeded() {
    Calibration calibration = fit(SyntheticRows.of(100, 10, 0), 0.01);
    for (double budget : new double[] {4, 10, 55.5, 100, 256, 400}) {
      BudgetPlan plan = BudgetPlan.of(calibration, budget);
      for (int numRows : new int[] {1, 7, 1000}) {
        int second = plan.numSecond(numRows);
        double spent = (double) plan.first() * numRows + plan.second().orElse(0) * (double) second;
        assertThat(spent / numRows).as("%s for %d rows", plan, numRows).isLessThanOrEqualTo(budget);
        assertThat(second).isBetween(0, numRows);
      }
    }
    BudgetPlan plan = BudgetPlan.of(calibration, 100);
    assertThat(plan.first()).isEqualTo(4);
    assertThat(plan.second()).contains(256);
    assertThat(plan.numSecond(1000)).isEqualTo(375);
    assertThatThrownBy(() -> BudgetPlan.of(calibration, 3))
        .hasMessageContaining("less than the smallest count 4");
  }
}
