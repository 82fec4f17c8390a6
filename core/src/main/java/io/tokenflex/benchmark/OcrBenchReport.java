package io.tokenflex.benchmark;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.score.OcrBenchScorer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * OCRBench: numbers of right rows in five groups, their sum, and the sum divided by 10 whatever the
 * number of rows, since the benchmark has 1000.
 */
public final class OcrBenchReport {
  private static final String RECOGNITION = "Text Recognition";
  private static final Set<String> RECOGNITION_CATEGORIES =
      Set.of(
          "Regular Text Recognition",
          "Irregular Text Recognition",
          "Artistic Text Recognition",
          "Handwriting Recognition",
          "Digit String Recognition",
          "Non-Semantic Text Recognition");
  private static final List<String> GROUPS =
      List.of(
          RECOGNITION,
          "Scene Text-centric VQA",
          "Doc-oriented VQA",
          "Key Information Extraction",
          OcrBenchScorer.FORMULAS);

  private OcrBenchReport() {}

  /**
   * The report.
   *
   * @throws InvalidInputException for a category that OCRBench does not have
   */
  public static ReportTable of(List<ScoredRow> rows) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    GROUPS.forEach(group -> numbers.put(group, 0.0));
    for (ScoredRow row : rows) {
      String category = row.required("category");
      String group = RECOGNITION_CATEGORIES.contains(category) ? RECOGNITION : category;
      if (!GROUPS.contains(group) || category.equals(RECOGNITION)) {
        throw new InvalidInputException(
            "OCRBench, row " + row.index() + ": category '" + category + "' is none of its ten");
      }
      if (row.isRight()) {
        numbers.merge(group, 1.0, Double::sum);
      }
    }
    double sum = numbers.values().stream().mapToDouble(count -> count).sum();
    numbers.put("Final Score", sum);
    numbers.put("Final Score Norm", sum / 10);
    return ReportTable.of("group", numbers);
  }
}
