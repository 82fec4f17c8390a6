package io.tokenflex.jobs.pages.html;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.pages.html.ChartView.Legend;
import io.tokenflex.jobs.pages.html.ChartView.Mark;
import io.tokenflex.jobs.pages.html.ChartView.Spot;
import io.tokenflex.jobs.pages.html.ChartView.Symbol;
import io.tokenflex.jobs.pages.html.ChartView.Tick;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChartTest {
  private static final double[] NOTHING = {};

  private static double y(Mark mark, int index) {
    return Double.parseDouble(mark.path().split("[ ,]", -1)[2 * index + 1]);
  }

  @Test
  void onALogarithmicAxisEqualFactorsAreEqualSteps() {
    double[] values = {0.01, 0.1, 1};
    ChartView chart =
        new Chart("step", "loss").yLog().line("", "red", new double[] {1, 2, 3}, values).view();
    Mark line = chart.marks().get(0);
    assertThat(y(line, 0)).isEqualTo(chart.plot().bottom());
    assertThat(y(line, 2)).isEqualTo(chart.plot().top());
    assertThat(y(line, 1)).isEqualTo((chart.plot().bottom() + chart.plot().top()) / 2.0);
    assertThat(chart.yTicks()).extracting(Tick::label).contains("0.1", "1");
  }

  @Test
  void whatLiesOutsideARangeIsDrawnAtItsEdge() {
    double[] values = {0.001, 1, 50};
    ChartView chart =
        new Chart("step", "loss")
            .yLog()
            .line("", "red", new double[] {1, 2, 3}, values)
            .yRange(0.1, 10)
            .view();
    assertThat(y(chart.marks().get(0), 0)).isEqualTo(chart.plot().bottom());
    assertThat(y(chart.marks().get(0), 2)).isEqualTo(chart.plot().top());
  }

  @Test
  void aChartWithoutNumbersHasAxesAllTheSame() {
    ChartView linear = new Chart("step", "loss").line("", "red", NOTHING, NOTHING).view();
    ChartView log = new Chart("step", "loss").yLog().line("", "red", NOTHING, NOTHING).view();
    assertThat(linear.yTicks()).isNotEmpty();
    assertThat(log.yTicks()).extracting(Tick::label).containsExactly("1", "2", "5", "10");
  }

  @Test
  void hollowDotsAreExplainedBelowTheirNumberAndInTheLegend() {
    double[] counts = {9, 225, 256};
    ChartView chart =
        new Chart("tokens", "accuracy")
            .yPercent()
            .xTicks(counts)
            .hollowAt(Set.of(225, 256), "never trained")
            .points("", "red", counts, new double[] {0.5, 0.7, 0.9}, List.of("a", "b", "c"))
            .view();
    assertThat(chart.marks().get(0).spots())
        .extracting(Spot::hollow)
        .containsExactly(false, true, true);
    // A second note so near would run into the first.
    assertThat(chart.xTicks()).extracting(Tick::note).containsExactly("", "never trained", "");
    assertThat(chart.legend())
        .containsExactly(new Legend(Symbol.RING, Palette.SOFT, "never trained"));
  }
}
