package io.tokenflex.table;

import io.tokenflex.python.PythonNumbers;
import io.tokenflex.python.PythonText;
import java.math.BigInteger;
import java.util.List;
import java.util.Set;

/**
 * A column as {@code pandas.read_csv} types it: 64-bit integers, else unsigned ones, else floats,
 * else truth values, else the texts as they are; a column of integers with a missing cell is one of
 * floats. What a cell becomes is the text that Python shows for its value.
 *
 * <p>The whole column is typed at once. pandas types parts of some ten thousand rows one by one, so
 * a longer column could keep numbers in one part and texts in another.
 */
final class PandasCells {
  private static final Set<String> MISSING =
      Set.of(
          "",
          "#N/A",
          "#N/A N/A",
          "#NA",
          "-1.#IND",
          "-1.#QNAN",
          "-NaN",
          "-nan",
          "1.#IND",
          "1.#QNAN",
          "<NA>",
          "N/A",
          "NA",
          "NULL",
          "NaN",
          "None",
          "n/a",
          "nan",
          "null");
  private static final Set<String> TRUE = Set.of("True", "TRUE", "true");
  private static final Set<String> FALSE = Set.of("False", "FALSE", "false");
  private static final BigInteger MAX_SIGNED = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger MIN_SIGNED = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MAX_UNSIGNED = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  private PandasCells() {}

  static void readColumn(List<String[]> rows, int column) {
    List<String> present =
        rows.stream()
            .map(row -> row[column] == null ? "" : row[column])
            .filter(cell -> !MISSING.contains(cell))
            .toList();
    boolean complete = present.size() == rows.size();
    Type type = type(present, complete);
    for (String[] row : rows) {
      String cell = row[column] == null ? "" : row[column];
      boolean missing = type != Type.TEXT_WITH_MISSING && MISSING.contains(cell);
      row[column] = missing ? null : type.text(cell);
    }
  }

  /** What a column's cells are shown as. */
  private enum Type {
    INTEGER,
    INTEGER_AS_FLOAT,
    FLOAT,
    TRUTH,
    TEXT,
    /** Numbers above the signed ones beside missing cells: pandas gives up on both. */
    TEXT_WITH_MISSING;

    String text(String cell) {
      return switch (this) {
        case INTEGER -> integer(cell).toString();
        case INTEGER_AS_FLOAT -> PythonNumbers.text(integer(cell).doubleValue());
        case FLOAT -> PythonNumbers.text(PandasFloat.parse(cell).orElseThrow());
        case TRUTH -> TRUE.contains(cell) ? "True" : "False";
        case TEXT, TEXT_WITH_MISSING -> cell;
      };
    }
  }

  private static Type type(List<String> present, boolean complete) {
    if (present.isEmpty()) {
      return Type.TEXT;
    }
    // The first cell that is no signed integer decides: too large a number, or no integer at all.
    for (String cell : present) {
      Digits digits = Digits.of(cell, MIN_SIGNED, MAX_SIGNED);
      if (digits == Digits.TOO_LARGE) {
        return unsigned(present, complete);
      }
      if (digits == Digits.NONE) {
        return floatOrText(present);
      }
    }
    return complete ? Type.INTEGER : Type.INTEGER_AS_FLOAT;
  }

  private static Type unsigned(List<String> present, boolean complete) {
    boolean negative = false;
    boolean large = false;
    for (String cell : present) {
      if (PythonText.strip(cell).startsWith("-")) {
        negative = true;
        continue;
      }
      Digits digits = Digits.of(cell, BigInteger.ZERO, MAX_UNSIGNED);
      if (digits == Digits.TOO_LARGE) {
        return Type.TEXT;
      }
      if (digits == Digits.NONE) {
        return floatOrText(present);
      }
      large |= integer(cell).compareTo(MAX_SIGNED) > 0;
    }
    if (large && (negative || !complete)) {
      return Type.TEXT_WITH_MISSING;
    }
    return negative ? Type.TEXT : Type.INTEGER;
  }

  private static Type floatOrText(List<String> present) {
    if (present.stream().allMatch(cell -> PandasFloat.parse(cell).isPresent())) {
      return Type.FLOAT;
    }
    return present.stream().allMatch(cell -> TRUE.contains(cell) || FALSE.contains(cell))
        ? Type.TRUTH
        : Type.TEXT;
  }

  /** How the parser for integers leaves a cell. */
  private enum Digits {
    INTEGER,
    TOO_LARGE,
    NONE;

    /** Digits are read one by one: a number is too large before anything behind it is seen. */
    static Digits of(String cell, BigInteger min, BigInteger max) {
      int at = skipSpace(cell, 0);
      boolean negative = at < cell.length() && cell.charAt(at) == '-';
      if (at < cell.length() && (negative || cell.charAt(at) == '+')) {
        at++;
      }
      int start = at;
      while (at < cell.length() && cell.charAt(at) >= '0' && cell.charAt(at) <= '9') {
        at++;
      }
      if (at == start) {
        return NONE;
      }
      BigInteger value = new BigInteger(cell.substring(start, at));
      value = negative ? value.negate() : value;
      if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
        return TOO_LARGE;
      }
      return skipSpace(cell, at) == cell.length() ? INTEGER : NONE;
    }

    private static int skipSpace(String cell, int start) {
      int at = start;
      while (at < cell.length() && isAsciiSpace(cell.charAt(at))) {
        at++;
      }
      return at;
    }
  }

  static boolean isAsciiSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private static BigInteger integer(String cell) {
    return PythonNumbers.parseInt(cell).orElseThrow();
  }
}
