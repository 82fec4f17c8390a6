package io.tokenflex.dataprep.source;

import java.io.IOException;
import java.io.InputStream;

/**
 * Splits a file into lines of JSON; planner and tasks share it, so that they count the same lines.
 *
 * <p>A line ends with LF. A CR also ends it if no JSON value is open, so CRLF and mixed line ends
 * work, and a CR inside a text damages only its own line. In a file whose head has only CR line
 * ends, every CR ends a line. Lines of white space are skipped; any other line is a record. A byte
 * order mark at the start of a line is skipped.
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
   * Creates a reader.
   *
   * @param offset position of the stream in the file; the start of a line
   * @param head the first bytes of the file, which determine its line ends
   * @param maxBytes number of bytes of each line to keep
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

  /** Reads the next non-blank line; false at the end. */
  boolean next() throws IOException {
    while (skipByteOrderMark()) {
      if (readLine()) {
        return true;
      }
    }
    return false;
  }

  /** Byte offset of the line, after its byte order mark. */
  long lineOffset() {
    return lineOffset;
  }

  /** The line without its line end. */
  RawChunk line() {
    return line;
  }

  /** Byte offset of the next byte to read. */
  long position() {
    return bufferOffset + at;
  }

  /** Skips a byte order mark; false at the end of the file. */
  private boolean skipByteOrderMark() throws IOException {
    while (limit - at < BYTE_ORDER_MARK_BYTES && fill()) {
      // Read until enough bytes are buffered or the file ends.
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
            // Does not affect nesting.
          }
        }
      }
    }
  }

  private static boolean isSpace(byte next) {
    return next == ' ' || next == '\t' || next == '\r';
  }

  /** Moves unread bytes to the front and reads more; false at the end of the stream. */
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
