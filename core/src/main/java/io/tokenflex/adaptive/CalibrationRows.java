package io.tokenflex.adaptive;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Answer.Confidence;
import io.tokenflex.statistics.Clusters;
import java.util.List;
import java.util.Locale;

/**
 * What a model answered to the rows of a calibration at several numbers of vision tokens.
 *
 * @param counts numbers of vision tokens, ascending; at least two
 * @param rows at least two clusters of them
 * @param costs what an answer costs at each number, in any unit
 */
public record CalibrationRows(List<Integer> counts, List<Row> rows, List<Double> costs) {
  /** Rows of which a vision token is what costs. */
  public CalibrationRows(List<Integer> counts, List<Row> rows) {
    this(counts, rows, counts.stream().map(Integer::doubleValue).toList());
  }

  /**
   * One row.
   *
   * @param cluster rows of one are not independent: the digest of the first picture
   * @param scores of its answers, from 0 to 1, in the order of the counts
   * @param confidences of its answers, in the order of the counts
   * @param features known before the first answer, of equal length in all rows
   */
  public record Row(
      String cluster, List<Double> scores, List<Confidence> confidences, List<Float> features) {
    public Row {
      scores = List.copyOf(scores);
      confidences = List.copyOf(confidences);
      features = List.copyOf(features);
    }
  }

  public CalibrationRows {
    counts = List.copyOf(counts);
    rows = List.copyOf(rows);
    costs = List.copyOf(costs);
    if (costs.size() != counts.size() || costs.stream().anyMatch(cost -> !(cost > 0))) {
      throw new InvalidInputException(
          "Costs of an answer at "
              + counts
              + " vision tokens are "
              + costs
              + "; expected one above 0 for each");
    }
    if (counts.size() < 2 || !counts.stream().sorted().distinct().toList().equals(counts)) {
      throw new InvalidInputException(
          "Numbers of vision tokens to choose from are "
              + counts
              + "; expected two or more different ones in ascending order");
    }
    long numClusters = rows.stream().map(Row::cluster).distinct().count();
    if (numClusters < 2 * CalibrationFit.FOLDS) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Calibration has %d rows about %d pictures; it needs %d pictures or more, 200 tell a"
                  + " difference of a point",
              rows.size(),
              numClusters,
              2 * CalibrationFit.FOLDS));
    }
    for (Row row : rows) {
      if (row.scores().size() != counts.size()
          || row.confidences().size() != counts.size()
          || row.features().size() != rows.get(0).features().size()) {
        throw new InvalidInputException(
            "A row has " + row.scores().size() + " scores for " + counts.size() + " counts");
      }
    }
  }

  Clusters clusters() {
    return Clusters.of(rows.stream().map(Row::cluster).toList());
  }

  /** Scores at a count, by its place in {@link #counts}. */
  double[] scores(int count) {
    return rows.stream().mapToDouble(row -> row.scores().get(count)).toArray();
  }

  double[] confidences(int count, ConfidenceMeasure measure) {
    return rows.stream().mapToDouble(row -> measure.of(row.confidences().get(count))).toArray();
  }

  int last() {
    return counts.size() - 1;
  }
}
