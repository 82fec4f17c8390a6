package io.tokenflex.adaptive;

import io.tokenflex.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What it is worth to answer all rows at one count and a share of them, those that are least sure,
 * once more at a higher one.
 *
 * @param differences mean score minus that at the largest count, when 0, 1/20, ... all rows are
 *     answered again
 */
public record BudgetCurve(int lower, int higher, List<Double> differences) {
  private static final int PARTS = 20;

  public BudgetCurve {
    differences = List.copyOf(differences);
    if (differences.size() != PARTS + 1) {
      throw new InvalidInputException(
          "A budget's curve has " + differences.size() + " places; expected " + (PARTS + 1));
    }
  }

  /** Difference when a share of the rows is answered again, between the places by a line. */
  double differenceAt(double share) {
    double place = Math.min(Math.max(share, 0), 1) * PARTS;
    int below = Math.min((int) place, PARTS - 1);
    double low = differences.get(below);
    return low + (place - below) * (differences.get(below + 1) - low);
  }

  /** The curves of all pairs of counts. */
  static List<BudgetCurve> of(CalibrationRows rows, ConfidenceMeasure measure) {
    List<BudgetCurve> curves = new ArrayList<>();
    for (int low = 0; low < rows.counts().size(); low++) {
      for (int high = low + 1; high < rows.counts().size(); high++) {
        curves.add(of(rows, measure, low, high));
      }
    }
    return curves;
  }

  private static BudgetCurve of(
      CalibrationRows rows, ConfidenceMeasure measure, int low, int high) {
    double[] confidences = rows.confidences(low, measure);
    double[] atLow = rows.scores(low);
    double[] atHigh = rows.scores(high);
    double[] largest = rows.scores(rows.last());
    int numRows = confidences.length;
    List<Integer> order =
        IntStream.range(0, numRows)
            .boxed()
            .sorted(Comparator.comparingDouble(row -> confidences[row]))
            .toList();
    double sum = IntStream.range(0, numRows).mapToDouble(row -> atLow[row] - largest[row]).sum();
    List<Double> differences = new ArrayList<>();
    int moved = 0;
    for (int part = 0; part <= PARTS; part++) {
      for (; moved < (long) part * numRows / PARTS; moved++) {
        int row = order.get(moved);
        sum += atHigh[row] - atLow[row];
      }
      differences.add(sum / numRows);
    }
    return new BudgetCurve(rows.counts().get(low), rows.counts().get(high), differences);
  }
}
