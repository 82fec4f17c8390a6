package io.tokenflex.benchmark;

import io.tokenflex.python.PythonLiteral;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * MathVista by task and skill: a row counts in Overall, in its task and in each of its skills.
 * {@code tot} rows, {@code prefetch} of them decided without a judge, {@code hit} right; rates in
 * percent.
 */
public final class MathVistaReport {
  private MathVistaReport() {}

  /**
   * The report.
   *
   * @param byRule indices of rows that no judge was asked about
   */
  public static ReportTable of(List<ScoredRow> rows, Set<String> byRule) {
    Map<String, double[]> counts = new LinkedHashMap<>();
    for (ScoredRow row : rows) {
      if (row.score().isScored()) {
        for (String group : groups(row)) {
          double[] count = counts.computeIfAbsent(group, key -> new double[3]);
          count[0]++;
          count[1] += byRule.contains(row.index()) ? 1 : 0;
          count[2] += row.isRight() ? 1 : 0;
        }
      }
    }
    List<ReportTable.Line> lines = new ArrayList<>();
    counts.forEach(
        (group, count) -> {
          Map<String, Double> numbers = new LinkedHashMap<>();
          numbers.put("tot", count[0]);
          numbers.put("prefetch", count[1]);
          numbers.put("hit", count[2]);
          numbers.put("prefetch_rate", count[1] / count[0] * 100);
          numbers.put("acc", count[2] / count[0] * 100);
          lines.add(new ReportTable.Line(group, numbers));
        });
    return new ReportTable("Task&Skill", lines);
  }

  private static List<String> groups(ScoredRow row) {
    List<String> groups = new ArrayList<>();
    groups.add("Overall");
    String skills = row.required("skills");
    Optional<List<?>> several = PythonLiteral.parseSequence(skills);
    if (several.isPresent()) {
      several.get().forEach(skill -> groups.add(PythonLiteral.text(skill)));
    } else {
      groups.add(skills);
    }
    groups.add(row.required("task"));
    return groups;
  }
}
