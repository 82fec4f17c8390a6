package io.tokenflex.dataprep.source;

import java.io.IOException;
import java.io.InputStream;

/**
 * The one definition of a line of JSON, for the planner that counts lines and for the task that
 * reads them.
 *
 * <p>A line ends with LF. A CR ends it too where no JSON value is open, so neither CRLF nor files
 * with line ends of several kinds matter, while a CR inside a text breaks its own line only. In a
 * file that starts with CR alone for line ends every CR ends a line. Lines of spaces, tabs and line
 * ends are blank and count for nothing; any other line is a record. A byte order mark at the start
 * of a line is skipped.
 */
final class JsonLineReader {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int BYTE_ORDER_MARK_BYTES = 3;

  private final InputStream stream;
  private final boolean endsWithCr;
  private final RawChunk line;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private long bufferOffset;
  private int at;
  private int limit;
  private long lineOffset;

  /**
   * Starts reading.
   *
   * @param offset where the stream stands in the file: the start of a line
   * @param head the first bytes of the file, which tell its line ends
   * @param maxBytes how much of each line is wanted
   */
  JsonLineReader(InputStream stream, long offset, byte[] head, int maxBytes) {
    this.stream = stream;
    this.bufferOffset = offset;
    this.endsWithCr = hasOnlyCr(head);
    this.line = new RawChunk(maxBytes);
  }

  private static boolean hasOnlyCr(byte[] head) {
    boolean hasCr = false;
    for (byte next : head) {
      if (next == '\n') {
        return false;
      }
      hasCr |= next == '\r';
    }
    return hasCr;
  }

  /** Moves to the next line that is not blank; false if there is none. */
  boolean next() throws IOException {
    while (skipByteOrderMark()) {
      if (readLine()) {
        return true;
      }
    }
    return false;
  }

  /** Where the line starts in the file, without its byte order mark. */
  long lineOffset() {
    return lineOffset;
  }

  /** The line without its end. */
  RawChunk line() {
    return line;
  }

  /** Where reading has come to. */
  long position() {
    return bufferOffset + at;
  }

  /** Returns false at the end of the file. */
  private boolean skipByteOrderMark() throws IOException {
    while (limit - at < BYTE_ORDER_MARK_BYTES && fill()) {
      // Until there are enough bytes to look at, or no more.
    }
    boolean isMark =
        limit - at >= BYTE_ORDER_MARK_BYTES
            && buffer[at] == (byte) 0xEF
            && buffer[at + 1] == (byte) 0xBB
            && buffer[at + 2] == (byte) 0xBF;
    if (isMark) {
      at += BYTE_ORDER_MARK_BYTES;
    }
    return at < limit || isMark;
  }

  private boolean readLine() throws IOException {
    line.clear();
    lineOffset = position();
    boolean isBlank = true;
    boolean isInText = false;
    boolean isEscaped = false;
    int depth = 0;
    int from = at;
    while (true) {
      if (at == limit) {
        line.append(buffer, from, at);
        if (!fill()) {
          return !isBlank;
        }
        from = at;
      }
      byte next = buffer[at++];
      boolean isEnd = next == '\n' || (next == '\r' && (endsWithCr || (!isInText && depth <= 0)));
      if (isEnd) {
        line.append(buffer, from, at - 1);
        return !isBlank;
      }
      isBlank = isBlank && isSpace(next);
      if (isInText) {
        if (isEscaped) {
          isEscaped = false;
        } else if (next == '\\') {
          isEscaped = true;
        } else if (next == '"') {
          isInText = false;
        }
      } else {
        switch (next) {
          case '"' -> isInText = true;
          case '{', '[' -> depth++;
          case '}', ']' -> depth--;
          default -> {
            // Says nothing about where the line ends.
          }
        }
      }
    }
  }

  private static boolean isSpace(byte next) {
    return next == ' ' || next == '\t' || next == '\r';
  }

  /** Moves what is left to the front and reads more; false at the end of the stream. */
  private boolean fill() throws IOException {
    System.arraycopy(buffer, at, buffer, 0, limit - at);
    bufferOffset += at;
    limit -= at;
    at = 0;
    int count = stream.read(buffer, limit, buffer.length - limit);
    if (count <= 0) {
      return false;
    }
    limit += count;
    return true;
  }
}
