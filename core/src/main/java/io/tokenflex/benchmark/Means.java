package io.tokenflex.benchmark;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Means over rows that are scored. */
final class Means {
  private Means() {}

  /** The mean score; NaN if no row is scored. */
  static double ofScores(Collection<ScoredRow> rows) {
    return rows.stream()
        .filter(row -> row.score().isScored())
        .mapToDouble(row -> row.score().value())
        .average()
        .orElse(Double.NaN);
  }

  static double percent(Collection<ScoredRow> rows) {
    return 100 * ofScores(rows);
  }

  static List<ScoredRow> where(List<ScoredRow> rows, String column, String value) {
    return rows.stream().filter(row -> row.cell(column).equals(Optional.of(value))).toList();
  }

  /** The different values of a column, sorted; rows without one are in none. */
  static List<String> values(List<ScoredRow> rows, String column) {
    return values(rows, row -> row.cell(column).stream().toList());
  }

  static List<String> values(List<ScoredRow> rows, Function<ScoredRow, List<String>> of) {
    return rows.stream().flatMap(row -> of.apply(row).stream()).distinct().sorted().toList();
  }
}
