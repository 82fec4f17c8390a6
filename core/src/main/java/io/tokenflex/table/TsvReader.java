package io.tokenflex.table;

import io.tokenflex.failure.InvalidInputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads tab-separated values as pandas' C parser splits them, which is what the published tables
 * are read with.
 *
 * <ul>
 *   <li>Quotes as in RFC 4180; text after a closing quote belongs to the field; a quote inside a
 *       plain field is a character.
 *   <li>Lines end with LF, CRLF or CR. Empty lines and lines of blanks are skipped; a byte order
 *       mark is dropped.
 *   <li>Short rows are filled up with missing cells. If the first row has more cells than the
 *       header, the first cells of every row are names of rows and are left out.
 *   <li>A column without a name is {@code Unnamed: i}, a second {@code A} is {@code A.1}.
 * </ul>
 */
public final class TsvReader {
  private static final int END = -1;
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private final BufferedReader in;
  private final String place;
  private int line = 1;
  private int pendingBlanks;
  private int unread = END;

  private TsvReader(Reader in, String place) {
    this.in = new BufferedReader(in);
    this.place = place;
  }

  /**
   * Reads a whole table; the caller closes the reader.
   *
   * @param place names the file in messages
   * @throws InvalidInputException if there is no header, a row has more cells than the widest
   *     before it, or a quote is never closed
   */
  public static Table read(Reader in, String place, CellReading reading) throws IOException {
    return new TsvReader(in, place).read(reading);
  }

  private Table read(CellReading reading) throws IOException {
    int first = read();
    if (first != BYTE_ORDER_MARK) {
      unread = first;
    }
    List<String> header = nextRow();
    if (header == null) {
      throw new InvalidInputException(place + " is empty; expected a line with names of columns");
    }
    List<String[]> rows = new ArrayList<>();
    int width = header.size();
    int leading = 0;
    int rowLine = line;
    for (List<String> row = nextRow(); row != null; rowLine = line, row = nextRow()) {
      if (rows.isEmpty() && row.size() > width) {
        leading = row.size() - width;
        width = row.size();
      }
      if (row.size() > width) {
        throw new InvalidInputException(
            place
                + ", line "
                + rowLine
                + ": "
                + row.size()
                + " cells; expected at most "
                + width
                + ". A tab or a line end inside a cell needs quotes around the cell");
      }
      String[] cells = new String[header.size()];
      for (int i = leading; i < row.size(); i++) {
        cells[i - leading] = row.get(i);
      }
      rows.add(cells);
    }
    for (int column = 0; column < header.size(); column++) {
      reading.readColumn(rows, column);
    }
    return new Table(names(header), rows);
  }

  private static List<String> names(List<String> header) {
    List<String> names = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    for (int i = 0; i < header.size(); i++) {
      String name = header.get(i).isEmpty() ? "Unnamed: " + i : header.get(i);
      String unique = name;
      int count = seen.getOrDefault(name, 0);
      while (count > 0) {
        seen.put(name, count + 1);
        unique = name + "." + count;
        count = header.contains(unique) || names.contains(unique) ? count + 1 : 0;
      }
      seen.merge(unique, 1, Integer::sum);
      names.add(unique);
    }
    return names;
  }

  /** The fields of the next record; null at the end. */
  private List<String> nextRow() throws IOException {
    if (!skipBlankLines()) {
      return null;
    }
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    while (true) {
      int c = read();
      if (c == '"' && field.length() == 0) {
        quoted(field);
        c = plain(field, read());
      } else {
        c = plain(field, c);
      }
      fields.add(field.toString());
      field.setLength(0);
      if (c != '\t') {
        endLine(c);
        return fields;
      }
    }
  }

  /** Appends until a tab or the end of the line, which it returns. */
  private int plain(StringBuilder field, int first) throws IOException {
    int c = first;
    while (c != '\t' && c != '\n' && c != '\r' && c != END) {
      field.append((char) c);
      c = read();
    }
    return c;
  }

  private void quoted(StringBuilder field) throws IOException {
    int start = line;
    while (true) {
      int c = read();
      if (c == END) {
        throw new InvalidInputException(
            place + ", line " + start + ": a quote is opened and never closed");
      }
      if (c == '"') {
        int next = read();
        if (next != '"') {
          unread = next;
          return;
        }
      } else if (c == '\n') {
        line++;
      }
      field.append((char) c);
    }
  }

  private void endLine(int c) throws IOException {
    if (c == END) {
      return;
    }
    line++;
    if (c == '\r') {
      int next = read();
      if (next != '\n') {
        unread = next;
      }
    }
  }

  /** Whether a record follows. */
  private boolean skipBlankLines() throws IOException {
    int blanks = 0;
    while (true) {
      int c = read();
      if (c == ' ') {
        blanks++;
      } else if (c == '\n' || c == '\r') {
        blanks = 0;
        endLine(c);
      } else if (c == END) {
        return false;
      } else {
        unread = c;
        pendingBlanks = blanks;
        return true;
      }
    }
  }

  private int read() throws IOException {
    if (pendingBlanks > 0) {
      pendingBlanks--;
      return ' ';
    }
    int c = unread == END ? in.read() : unread;
    unread = END;
    return c;
  }
}
