package io.tokenflex.benchmark;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A table of numbers of one benchmark.
 *
 * @param title what its lines are, for instance {@code split}
 */
public record ReportTable(String title, List<Line> lines) {
  public ReportTable {
    lines = List.copyOf(lines);
  }

  /**
   * One line.
   *
   * @param numbers by name, in the order in which they are shown; NaN where there is no row
   */
  public record Line(String name, Map<String, Double> numbers) {
    public Line {
      numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
    }
  }

  /** A number, if there is such a line with it. */
  public Optional<Double> number(String line, String name) {
    return lines.stream()
        .filter(candidate -> candidate.name().equals(line))
        .findFirst()
        .map(found -> found.numbers().get(name));
  }

  /** A table of a single line without a name. */
  static ReportTable of(String title, Map<String, Double> numbers) {
    return new ReportTable(title, List.of(new Line("", numbers)));
  }
}
