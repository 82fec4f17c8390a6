package io.tokenflex.benchmark;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.python.PythonText;
import io.tokenflex.score.YesNoScorer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reports of yes/no benchmarks as VLMEvalKit makes them (vlmeval/dataset/utils/yorn.py). */
public final class YesNoReports {
  private static final String OVERALL = "Overall";
  private static final List<String> MME_PERCEPTION =
      List.of(
          "OCR",
          "artwork",
          "celebrity",
          "color",
          "count",
          "existence",
          "landmark",
          "position",
          "posters",
          "scene");
  private static final List<String> MME_REASONING =
      List.of(
          "code_reasoning", "commonsense_reasoning", "numerical_calculation", "text_translation");

  private YesNoReports() {}

  /**
   * HallusionBench in percent: aAcc over rows; fAcc over figures, all of whose rows must be right;
   * qAcc over questions, which must be right for every figure; and the mean of the three, which
   * leader boards show.
   */
  public static ReportTable hallusionBench(List<ScoredRow> rows) {
    List<ReportTable.Line> lines = new ArrayList<>();
    lines.add(new ReportTable.Line(OVERALL, hallusion(rows)));
    for (String column : List.of("category", "l2-category")) {
      for (String value : Means.values(rows, column)) {
        lines.add(new ReportTable.Line(value, hallusion(Means.where(rows, column, value))));
      }
    }
    return new ReportTable("split", lines);
  }

  private static Map<String, Double> hallusion(List<ScoredRow> rows) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("aAcc", Means.percent(rows));
    numbers.put("fAcc", allRight(rows, row -> hallusionKey(row, 4)));
    numbers.put("qAcc", allRight(rows, row -> hallusionKey(row, 5)));
    numbers.put("mean", (numbers.get("aAcc") + numbers.get("fAcc") + numbers.get("qAcc")) / 3);
    return numbers;
  }

  private static String hallusionKey(ScoredRow row, int part) {
    return hallusionSet(row) + "_" + hallusionParts(row).get(part);
  }

  /** The set of pictures and questions that belong together. */
  static String hallusionSet(ScoredRow row) {
    return row.required("l2-category") + "_" + hallusionParts(row).get(3);
  }

  /** The index is category, subcategory, visual input, set, figure and question. */
  private static List<String> hallusionParts(ScoredRow row) {
    List<String> parts = PythonText.split(row.index(), "_");
    if (parts.size() < 6) {
      throw new InvalidInputException(
          "HallusionBench: index '" + row.index() + "'; expected six parts as VD_illusion_1_3_0_2");
    }
    return parts;
  }

  private static double allRight(List<ScoredRow> rows, Function<ScoredRow, String> key) {
    Map<String, Boolean> groups =
        rows.stream()
            .filter(row -> row.score().isScored())
            .collect(Collectors.toMap(key, ScoredRow::isRight, Boolean::logicalAnd));
    long right = groups.values().stream().filter(allRight -> allRight).count();
    return right / (double) groups.size() * 100;
  }

  /**
   * POPE in percent: F1 of yes, accuracy, precision, recall. A row of several categories, separated
   * by commas, counts once in each, and as often overall. A division by zero gives 0.
   */
  public static ReportTable pope(List<ScoredRow> rows) {
    List<ScoredRow> all = new ArrayList<>();
    Map<String, List<ScoredRow>> byCategory = new LinkedHashMap<>();
    Means.values(rows, YesNoReports::popeCategories)
        .forEach(category -> byCategory.put(category, new ArrayList<>()));
    for (ScoredRow row : rows) {
      List<String> categories = popeCategories(row);
      if (categories.isEmpty()) {
        all.add(row);
      }
      for (String category : categories) {
        all.add(row);
        byCategory.get(category).add(row);
      }
    }
    List<ReportTable.Line> lines = new ArrayList<>();
    lines.add(new ReportTable.Line(OVERALL, f1(all)));
    byCategory.forEach((category, of) -> lines.add(new ReportTable.Line(category, f1(of))));
    return new ReportTable("split", lines);
  }

  private static List<String> popeCategories(ScoredRow row) {
    return row.cell("category").map(cell -> PythonText.split(cell, ",")).orElse(List.of());
  }

  private static Map<String, Double> f1(List<ScoredRow> rows) {
    List<ScoredRow> scored = rows.stream().filter(row -> row.score().isScored()).toList();
    Map<String, Double> numbers = new LinkedHashMap<>();
    double truePositives = count(scored, true, true);
    double precision = ratio(truePositives, truePositives + count(scored, false, true));
    double recall = ratio(truePositives, truePositives + count(scored, true, false));
    numbers.put("f1", 100 * ratio(2 * (precision * recall), precision + recall));
    numbers.put("acc", Means.percent(scored));
    numbers.put("precision", 100 * precision);
    numbers.put("recall", 100 * recall);
    return numbers;
  }

  private static long count(List<ScoredRow> rows, boolean expectedYes, boolean saidYes) {
    return rows.stream()
        .filter(row -> row.required("answer").equals(YesNoScorer.YES) == expectedYes)
        .filter(row -> row.score().read().equals(YesNoScorer.YES) == saidYes)
        .count();
  }

  private static double ratio(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }

  /**
   * MME: for each category the percentage of right rows plus that of pictures whose two questions
   * are both right; perception is the sum of ten categories, reasoning of four, and left out where
   * one of them is missing.
   *
   * @throws InvalidInputException if a picture has one question only
   */
  public static ReportTable mme(List<ScoredRow> rows) {
    Map<String, Double> categories = new LinkedHashMap<>();
    for (String category : Means.values(rows, "category")) {
      List<ScoredRow> of = Means.where(rows, "category", category);
      categories.put(category, Means.percent(of) + percentOfPairs(of));
    }
    Map<String, Double> numbers = new LinkedHashMap<>();
    putSum(numbers, "perception", MME_PERCEPTION, categories);
    putSum(numbers, "reasoning", MME_REASONING, categories);
    numbers.putAll(categories);
    return ReportTable.of("MME", numbers);
  }

  private static double percentOfPairs(List<ScoredRow> rows) {
    Map<String, List<ScoredRow>> pictures =
        rows.stream().collect(Collectors.groupingBy(row -> row.required("image_path")));
    double right = 0;
    for (Map.Entry<String, List<ScoredRow>> picture : pictures.entrySet()) {
      if (picture.getValue().size() < 2) {
        throw new InvalidInputException(
            "MME: picture " + picture.getKey() + " has one question; expected two");
      }
      if (picture.getValue().get(0).isRight() && picture.getValue().get(1).isRight()) {
        right++;
      }
    }
    return right / pictures.size() * 100;
  }

  private static void putSum(
      Map<String, Double> numbers,
      String name,
      List<String> parts,
      Map<String, Double> categories) {
    if (categories.keySet().containsAll(parts)) {
      numbers.put(name, parts.stream().mapToDouble(categories::get).sum());
    }
  }

  /** Any other yes/no benchmark: the percentage of right rows overall and for each category. */
  public static ReportTable plain(List<ScoredRow> rows) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put(OVERALL, Means.percent(rows));
    for (String column : List.of("category", "l2-category")) {
      for (String value : Means.values(rows, column)) {
        numbers.put(value, Means.percent(Means.where(rows, column, value)));
      }
    }
    return ReportTable.of("category", numbers);
  }
}
