package io.tokenflex.table;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.python.PythonLiteral;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pictures of a table's rows. An {@code image} cell is base64, a Python list of base64, or, of
 * at most 64 characters, the index of the row whose pictures this row shares; that row may come
 * later.
 */
public final class PictureCells {
  /** A longer cell is a picture. */
  private static final int MAX_REFERENCE_LENGTH = 64;

  private final Map<String, String> cells = new HashMap<>();

  /**
   * Remembers the cell of a row.
   *
   * @throws InvalidInputException if the index was seen before with another cell
   */
  public void put(String index, String cell) {
    String before = cells.putIfAbsent(index, cell);
    if (before != null && !before.equals(cell)) {
      throw new InvalidInputException(
          "Index " + index + " stands in two rows with different pictures; expected one row each");
    }
  }

  /**
   * The encoded pictures of a row, in order.
   *
   * @throws InvalidInputException if a reference leads nowhere or a picture is no base64
   */
  public List<byte[]> pictures(String index) {
    String cell = resolve(index);
    List<String> encoded =
        cell.startsWith("[") && cell.endsWith("]")
            ? PythonLiteral.parseTexts(cell)
                .orElseThrow(
                    () ->
                        new InvalidInputException(
                            "Row " + index + ": image starts with [ but is no Python list"))
            : List.of(cell);
    return encoded.stream().map(text -> decode(index, text)).toList();
  }

  private String resolve(String index) {
    Set<String> seen = new HashSet<>();
    String at = index;
    while (seen.add(at)) {
      String cell = cells.get(at);
      if (cell == null) {
        throw new InvalidInputException(
            "Row "
                + index
                + ": image is '"
                + at
                + "', too short for a picture and the index of no row with a picture");
      }
      if (cell.codePointCount(0, cell.length()) > MAX_REFERENCE_LENGTH || isList(cell)) {
        return cell;
      }
      at = cell;
    }
    throw new InvalidInputException(
        "Row " + index + ": its image refers to row '" + at + "', which refers back to it");
  }

  private static boolean isList(String cell) {
    return cell.startsWith("[") && cell.endsWith("]");
  }

  /** As Python's {@code b64decode}: characters outside the alphabet are skipped. */
  private static byte[] decode(String index, String text) {
    StringBuilder digits = new StringBuilder(text.length());
    int padding = 0;
    for (int i = 0;
        i < text.length() && !(padding > 0 && digits.length() % 4 + padding >= 4);
        i++) {
      char c = text.charAt(i);
      if (isBase64(c)) {
        padding = 0;
        digits.append(c);
      } else if (c == '=' && digits.length() % 4 >= 2) {
        padding++;
      }
    }
    if (digits.length() == 0 || (digits.length() + padding) % 4 != 0) {
      throw new InvalidInputException(
          "Row "
              + index
              + ": image is no base64: "
              + digits.length()
              + " digits and "
              + padding
              + " signs of padding; expected a multiple of 4");
    }
    return Base64.getDecoder().decode(digits.toString());
  }

  private static boolean isBase64(char c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '+'
        || c == '/';
  }
}
