package io.tokenflex.benchmark;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.score.PopeReading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** POPE's numbers, as fractions, by the authors' script and by lmms-eval. */
public final class PopeMetrics {
  private static final String YES = "yes";
  private static final String NO = "no";

  private PopeMetrics() {}

  /**
   * The authors': every answer is yes or no.
   *
   * @param labels {@code yes} and {@code no}
   * @return empty where the script stops with a division by zero
   */
  public static Optional<Map<String, Double>> authors(
      List<String> labels, List<String> predictions) {
    List<Optional<String>> read = read(PopeReading.AUTHORS, labels, predictions);
    double truePositives = 0;
    double falsePositives = 0;
    double trueNegatives = 0;
    double falseNegatives = 0;
    for (int i = 0; i < labels.size(); i++) {
      boolean said = read.get(i).equals(Optional.of(YES));
      if (labels.get(i).equals(NO)) {
        falsePositives += said ? 1 : 0;
        trueNegatives += said ? 0 : 1;
      } else {
        truePositives += said ? 1 : 0;
        falseNegatives += said ? 0 : 1;
      }
    }
    if (truePositives == 0 || labels.isEmpty()) {
      // Without true positives precision, recall or their sum is 0 below a fraction line.
      return Optional.empty();
    }
    double precision = truePositives / (truePositives + falsePositives);
    double recall = truePositives / (truePositives + falseNegatives);
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("TP", truePositives);
    numbers.put("FP", falsePositives);
    numbers.put("TN", trueNegatives);
    numbers.put("FN", falseNegatives);
    numbers.put("acc", (truePositives + trueNegatives) / labels.size());
    numbers.put("precision", precision);
    numbers.put("recall", recall);
    numbers.put("f1", 2 * precision * recall / (precision + recall));
    numbers.put("yes_ratio", (truePositives + falsePositives) / labels.size());
    return Optional.of(numbers);
  }

  /** lmms-eval's: only the bare word counts, and the yes ratio is that of the labels. */
  public static Map<String, Double> lmmsEval(List<String> labels, List<String> predictions) {
    List<Optional<String>> read = read(PopeReading.LMMS_EVAL, labels, predictions);
    double right = 0;
    double truePositives = 0;
    double falsePositives = 0;
    double falseNegatives = 0;
    double yesLabels = 0;
    for (int i = 0; i < labels.size(); i++) {
      boolean yes = labels.get(i).equals(YES);
      boolean saidYes = read.get(i).equals(Optional.of(YES));
      boolean saidNo = read.get(i).equals(Optional.of(NO));
      right += (yes ? saidYes : saidNo) ? 1 : 0;
      truePositives += yes && saidYes ? 1 : 0;
      falsePositives += !yes && saidYes ? 1 : 0;
      falseNegatives += yes && saidNo ? 1 : 0;
      yesLabels += yes ? 1 : 0;
    }
    double precision = ratio(truePositives, truePositives + falsePositives);
    double recall = ratio(truePositives, truePositives + falseNegatives);
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("accuracy", right / labels.size());
    numbers.put("precision", precision);
    numbers.put("recall", recall);
    numbers.put("f1_score", ratio(2 * precision * recall, precision + recall));
    numbers.put("yes_ratio", yesLabels / labels.size());
    return numbers;
  }

  private static double ratio(double part, double whole) {
    return whole > 0 ? part / whole : 0;
  }

  private static List<Optional<String>> read(
      PopeReading reading, List<String> labels, List<String> predictions) {
    if (labels.size() != predictions.size()) {
      throw new InvalidInputException(
          labels.size() + " labels but " + predictions.size() + " predictions; expected as many");
    }
    List<Optional<String>> read = new ArrayList<>();
    predictions.forEach(prediction -> read.add(reading.read(prediction)));
    return read;
  }
}
