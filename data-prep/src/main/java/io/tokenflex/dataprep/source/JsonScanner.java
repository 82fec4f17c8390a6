package io.tokenflex.dataprep.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.BitSet;
import java.util.Locale;

/**
 * Splits a JSON document into values by strings, brackets and commas alone. A value that is
 * malformed, too deep or too long therefore does not affect the rest of the document.
 */
final class JsonScanner {
  private static final int BUFFER_BYTES = 1 << 16;

  private final InputStream stream;
  private final RawChunk value;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private long bufferOffset;
  private int at;
  private int limit;

  /** The document does not have the expected structure. */
  static final class ShapeException extends Exception {
    private static final long serialVersionUID = 1;

    ShapeException(long offset, String problem) {
      super(String.format(Locale.ROOT, "at byte %d: %s", offset, problem));
    }
  }

  /**
   * Creates a scanner.
   *
   * @param offset position of the stream in the file
   * @param maxBytes number of bytes of each value to keep
   */
  JsonScanner(InputStream stream, long offset, int maxBytes) {
    this.stream = stream;
    this.bufferOffset = offset;
    this.value = new RawChunk(maxBytes);
  }

  /** Byte offset of the next byte to read. */
  long position() {
    return bufferOffset + at;
  }

  /** The last scanned value. */
  RawChunk value() {
    return value;
  }

  /** Skips a byte order mark at the start of the file. */
  void skipByteOrderMark() throws IOException {
    if (peek() == 0xEF) {
      at++;
      if (peek() == 0xBB) {
        at++;
        if (peek() == 0xBF) {
          at++;
        }
      }
    }
  }

  /** Skips white space; returns the next byte without consuming it, or -1 at the end. */
  int next() throws IOException {
    int next = peek();
    while (next == ' ' || next == '\n' || next == '\r' || next == '\t') {
      at++;
      next = peek();
    }
    return next;
  }

  /** Skips white space and consumes the next byte, which must be {@code wanted}. */
  void take(char wanted) throws IOException, ShapeException {
    if (next() != wanted) {
      throw new ShapeException(position(), "expected '" + wanted + "' but there is " + found());
    }
    at++;
  }

  /** Skips white space and consumes the next byte if it is {@code wanted}. */
  boolean takeIf(char wanted) throws IOException {
    if (next() != wanted) {
      return false;
    }
    at++;
    return true;
  }

  /** Consumes a comma (true) or the closing bracket (false). */
  boolean moreElements(char closing) throws IOException, ShapeException {
    int next = next();
    if (next == closing) {
      at++;
      return false;
    }
    if (next != ',') {
      throw new ShapeException(
          position(), "expected ',' or '" + closing + "' but there is " + found());
    }
    at++;
    next();
    return true;
  }

  /** Requires that only white space follows. */
  void requireEnd() throws IOException, ShapeException {
    if (next() != -1) {
      throw new ShapeException(
          position(),
          "the document has ended but more follows: " + found() + "; split the file there");
    }
  }

  private String found() throws IOException {
    int next = peek();
    if (next < 0) {
      return "the end of the file";
    }
    return next > ' ' && next < 0x7F ? "'" + (char) next + "'" : "byte " + next;
  }

  /** Scans one value, which starts at the next byte. */
  void scanValue() throws IOException, ShapeException {
    value.clear();
    switch (peek()) {
      case '{', '[' -> scanContainer();
      case '"' -> scanText(position());
      default -> scanWord();
    }
  }

  private void scanContainer() throws IOException, ShapeException {
    long start = position();
    BitSet objects = new BitSet();
    int depth = 0;
    int from = at;
    do {
      if (at == limit) {
        value.append(buffer, from, at);
        requireMore(start);
        from = at;
      }
      byte next = buffer[at];
      switch (next) {
        case '{', '[' -> objects.set(depth++, next == '{');
        case '}', ']' -> {
          depth--;
          if (objects.get(depth) != (next == '}')) {
            throw new ShapeException(
                position(),
                "expected '" + (objects.get(depth) ? '}' : ']') + "' but there is " + found());
          }
        }
        case '"' -> {
          value.append(buffer, from, at);
          scanText(start);
          from = at;
          continue;
        }
        default -> {
          // Part of the value.
        }
      }
      at++;
    } while (depth > 0);
    value.append(buffer, from, at);
  }

  private void scanText(long start) throws IOException, ShapeException {
    int from = at;
    at++;
    boolean isEscaped = false;
    while (true) {
      if (at == limit) {
        value.append(buffer, from, at);
        requireMore(start);
        from = at;
      }
      byte next = buffer[at++];
      if (isEscaped) {
        isEscaped = false;
      } else if (next == '\\') {
        isEscaped = true;
      } else if (next == '"') {
        value.append(buffer, from, at);
        return;
      }
    }
  }

  /** Scans a number, literal or garbage, up to a byte that may follow a value. */
  private void scanWord() throws IOException, ShapeException {
    long start = position();
    int next = peek();
    while (next > ' ' && next != ',' && next != ']' && next != '}' && next != ':') {
      value.append(buffer, at, at + 1);
      at++;
      next = peek();
    }
    if (position() == start) {
      throw new ShapeException(start, "expected a value but there is " + found());
    }
  }

  private void requireMore(long start) throws IOException, ShapeException {
    if (!fill()) {
      throw new ShapeException(
          position(),
          String.format(
              Locale.ROOT, "the file ends inside the value that begins at byte %d", start));
    }
  }

  private int peek() throws IOException {
    return at == limit && !fill() ? -1 : buffer[at] & 0xFF;
  }

  /** Refills the consumed buffer; false at the end of the stream. */
  private boolean fill() throws IOException {
    bufferOffset += limit;
    at = 0;
    limit = Math.max(0, stream.read(buffer, 0, buffer.length));
    return limit > 0;
  }
}
