package io.tokenflex.table;

import io.tokenflex.python.PythonText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A table in memory.
 *
 * @param columns names, all different
 * @param cells of each row one for each column; null if the cell is missing
 */
public record Table(List<String> columns, List<String[]> cells) {
  public Table {
    columns = List.copyOf(columns);
    cells = List.copyOf(cells);
  }

  /** One row, whose cells are found by the names of their columns. */
  public record Row(Map<String, String> present) {
    public Row {
      present = Map.copyOf(present);
    }

    /** Empty if the cell is missing or there is no such column. */
    public Optional<String> cell(String column) {
      return Optional.ofNullable(present.get(column));
    }
  }

  /**
   * The rows with their columns' names in lower case, but for single capital letters, which are the
   * options of a choice: as VLMEvalKit compares them.
   */
  public List<Row> rows() {
    List<String> names = columns.stream().map(Table::comparable).toList();
    return cells.stream().map(row -> row(names, row)).toList();
  }

  private static Row row(List<String> names, String[] cells) {
    Map<String, String> present = new HashMap<>();
    for (int i = 0; i < cells.length; i++) {
      if (cells[i] != null) {
        present.put(names.get(i), cells[i]);
      }
    }
    return new Row(present);
  }

  /** Whether there is such a column, by the name that {@link #rows} uses. */
  public boolean has(String column) {
    return columns.stream().map(Table::comparable).anyMatch(column::equals);
  }

  private static String comparable(String column) {
    return column.length() == 1 && column.charAt(0) >= 'A' && column.charAt(0) <= 'Z'
        ? column
        : PythonText.lower(column);
  }
}
