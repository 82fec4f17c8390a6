package io.tokenflex.table;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;

/** What the text of a cell becomes. */
public enum CellReading {
  /** Every cell is its text; only the empty one is missing. */
  EXACT {
    @Override
    void readColumn(List<String[]> rows, int column) {
      for (String[] row : rows) {
        if (row[column] != null && row[column].isEmpty()) {
          row[column] = null;
        }
      }
    }
  },
  /**
   * As pandas reads a file without being told types, and so as VLMEvalKit sees it: words such as
   * {@code None} are missing, a column of numbers is rewritten ({@code 007} becomes {@code 7}).
   */
  PANDAS {
    @Override
    void readColumn(List<String[]> rows, int column) {
      PandasCells.readColumn(rows, column);
    }
  };

  /** Replaces the texts of a column by what they become, null where the cell is missing. */
  abstract void readColumn(List<String[]> rows, int column);

  /**
   * By its name in configurations, {@code exact} or {@code pandas}.
   *
   * @throws InvalidInputException for any other name
   */
  public static CellReading named(String name) {
    for (CellReading reading : values()) {
      if (reading.toString().equals(name)) {
        return reading;
      }
    }
    throw new InvalidInputException("cells is '" + name + "'; expected exact or pandas");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
