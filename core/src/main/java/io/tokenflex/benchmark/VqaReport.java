package io.tokenflex.benchmark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Short answers: the mean score in percent of each {@code split} and overall, or without splits
 * overall and of each {@code category}.
 */
public final class VqaReport {
  private VqaReport() {}

  /** The report. */
  public static ReportTable of(List<ScoredRow> rows) {
    List<String> splits = Means.values(rows, "split");
    String column = splits.isEmpty() ? "category" : "split";
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("Overall", Means.percent(rows));
    for (String value : Means.values(rows, column)) {
      numbers.put(value, Means.percent(Means.where(rows, column, value)));
    }
    return ReportTable.of(column, numbers);
  }
}
