package io.tokenflex.benchmark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * MM-Vet: the mean score in percent of each capability, over the rows whose category contains its
 * name, of each combination of capabilities, and of all rows.
 *
 * <p>VLMEvalKit keeps capabilities and combinations in one set of counters, so that a row whose
 * category is one capability alone counts twice in it, in both tables. So it does here.
 */
public final class MmVetReport {
  private static final String OVERALL = "Overall";
  private static final List<String> CAPABILITIES =
      List.of("rec", "ocr", "know", "gen", "spat", "math");

  private MmVetReport() {}

  /** A line for each capability, then Overall. */
  public static ReportTable capabilities(List<ScoredRow> rows) {
    List<String> names = new ArrayList<>(CAPABILITIES);
    names.add(OVERALL);
    return table("capability", names, rows);
  }

  /** A line for each combination, in order of appearance, then Overall. */
  public static ReportTable combinations(List<ScoredRow> rows) {
    List<String> names =
        new ArrayList<>(rows.stream().map(MmVetReport::combination).distinct().toList());
    names.add(OVERALL);
    return table("combination", names, rows);
  }

  private static String combination(ScoredRow row) {
    return row.required("category").replace(',', '_');
  }

  private static ReportTable table(String title, List<String> names, List<ScoredRow> rows) {
    Map<String, List<ScoredRow>> groups = new HashMap<>();
    for (ScoredRow row : rows) {
      for (String capability : CAPABILITIES) {
        if (row.required("category").contains(capability)) {
          groups.computeIfAbsent(capability, name -> new ArrayList<>()).add(row);
        }
      }
      groups.computeIfAbsent(OVERALL, name -> new ArrayList<>()).add(row);
      groups.computeIfAbsent(combination(row), name -> new ArrayList<>()).add(row);
    }
    List<ReportTable.Line> lines = new ArrayList<>();
    for (String name : names) {
      List<ScoredRow> of = groups.getOrDefault(name, List.of());
      Map<String, Double> numbers = new LinkedHashMap<>();
      numbers.put("tot", (double) of.stream().filter(row -> row.score().isScored()).count());
      numbers.put("acc", Means.percent(of));
      lines.add(new ReportTable.Line(name, numbers));
    }
    return new ReportTable(title, lines);
  }
}
