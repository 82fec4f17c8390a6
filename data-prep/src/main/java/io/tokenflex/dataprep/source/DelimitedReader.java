package io.tokenflex.dataprep.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads records of a CSV or TSV stream and their byte offsets. Quoting follows RFC 4180, as in
 * Python's {@code csv} and pandas, or Spark's convention: a field that starts with a quote may
 * contain separators, line ends and escaped quotes. Empty lines are skipped.
 *
 * <p>CSV libraries do not serve: splits need byte offsets, and an unclosed quote must neither load
 * the rest of the file into memory nor lose the records before it.
 */
final class DelimitedReader {
  private static final int QUOTE = '"';
  private static final int BACKSLASH = '\\';
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int END = -1;

  private enum State {
    FIELD_START,
    PLAIN,
    QUOTED,
    /**
     * After a quote inside a quoted field: the end of the field, or the first of an escaped pair.
     */
    QUOTE_IN_QUOTED,
    /** After a backslash inside a quoted field with backslash escapes. */
    BACKSLASH_IN_QUOTED
  }

  private final InputStream stream;
  private final int separator;
  private final QuoteEscape escape;
  private final int maxFieldBytes;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int numBuffered;
  private int next;
  private long bufferOffset;

  private final ByteArrayOutputStream field = new ByteArrayOutputStream();
  private final List<byte[]> fields = new ArrayList<>();
  private long recordOffset;
  private boolean isFieldCut;
  private boolean isQuoteOpen;
  private boolean isQuoteBroken;
  private boolean isAfterBackslash;
  private boolean spansLines;
  private int numBytesKept;

  /**
   * Creates a reader.
   *
   * @param offset position of the stream in the file
   * @param maxFieldBytes number of bytes of each field to keep
   */
  DelimitedReader(
      InputStream stream, char separator, QuoteEscape escape, long offset, int maxFieldBytes) {
    this.stream = stream;
    this.escape = escape;
    this.separator = separator;
    this.bufferOffset = offset;
    this.maxFieldBytes = maxFieldBytes;
  }

  /** Reads the next record; false at the end. */
  boolean next() throws IOException {
    if (bufferOffset + next == 0) {
      skipByteOrderMark();
    }
    do {
      recordOffset = bufferOffset + next;
      fields.clear();
      isFieldCut = false;
      isQuoteBroken = false;
      isAfterBackslash = false;
      spansLines = false;
      numBytesKept = 0;
      if (!readRecord()) {
        return false;
      }
    } while (fields.isEmpty());
    return true;
  }

  /** Byte offset of the record. */
  long recordOffset() {
    return recordOffset;
  }

  /** Fields of the record, cut to the kept bytes. */
  List<byte[]> fields() {
    return List.copyOf(fields);
  }

  /** Whether a field was cut. */
  boolean isFieldCut() {
    return isFieldCut;
  }

  /** Whether the file ended inside a quoted field. */
  boolean isQuoteOpen() {
    return isQuoteOpen;
  }

  /** Length of the record in bytes, including its line end. */
  long recordBytes() {
    return bufferOffset + next - recordOffset;
  }

  /** Whether there is text between a closing quote and the end of its field. */
  boolean isQuoteBroken() {
    return isQuoteBroken;
  }

  /**
   * Whether the opening quote was probably literal: a backslash precedes the closing quote, or the
   * field started on an earlier line.
   */
  boolean isQuoteMistaken() {
    return isQuoteBroken && (isAfterBackslash || spansLines);
  }

  /** Reads to the end of a line, without fields if it is empty; false at the end of the file. */
  private boolean readRecord() throws IOException {
    State state = State.FIELD_START;
    int first = read();
    if (first == END) {
      return false;
    }
    if (isLineEnd(first)) {
      return true;
    }
    boolean fieldSpansLines = false;
    boolean quoteIsAfterBackslash = false;
    int previous = 0;
    int current = first;
    for (; ; current = read()) {
      if (current == END) {
        isQuoteOpen = state == State.QUOTED || state == State.BACKSLASH_IN_QUOTED;
        finishField();
        return true;
      }
      if (state == State.BACKSLASH_IN_QUOTED) {
        if (current != QUOTE && current != BACKSLASH) {
          append(BACKSLASH);
        }
        append(current);
        previous = 0;
        state = State.QUOTED;
      } else if (state == State.QUOTED) {
        if (current == QUOTE) {
          quoteIsAfterBackslash = previous == BACKSLASH;
          state = State.QUOTE_IN_QUOTED;
        } else if (current == BACKSLASH && escape == QuoteEscape.BACKSLASH) {
          state = State.BACKSLASH_IN_QUOTED;
        } else {
          fieldSpansLines |= current == '\n' || current == '\r';
          append(current);
        }
        previous = current;
      } else if (current == QUOTE && state == State.QUOTE_IN_QUOTED) {
        append(QUOTE);
        previous = QUOTE;
        state = State.QUOTED;
      } else if (current == QUOTE && state == State.FIELD_START) {
        state = State.QUOTED;
      } else if (current == separator) {
        finishField();
        fieldSpansLines = false;
        state = State.FIELD_START;
      } else if (isLineEnd(current)) {
        finishField();
        return true;
      } else {
        if (state == State.QUOTE_IN_QUOTED) {
          isQuoteBroken = true;
          isAfterBackslash |= quoteIsAfterBackslash;
          spansLines |= fieldSpansLines;
        }
        append(current);
        state = State.PLAIN;
      }
    }
  }

  /** Whether a line ends here (LF, CR or CRLF); consumes the LF of a CRLF. */
  private boolean isLineEnd(int current) throws IOException {
    if (current == '\r') {
      if (read() != '\n' && numBuffered > 0) {
        next--;
      }
      return true;
    }
    return current == '\n';
  }

  private void skipByteOrderMark() throws IOException {
    if (read() == 0xEF) {
      read();
      read();
    } else if (numBuffered > 0) {
      next--;
    }
  }

  private void append(int value) {
    // The limit also applies to the sum of all fields.
    if (field.size() < maxFieldBytes && numBytesKept < DelimitedFile.MAX_RECORD_BYTES) {
      field.write(value);
      numBytesKept++;
    } else {
      isFieldCut = true;
    }
  }

  private void finishField() {
    fields.add(field.toByteArray());
    field.reset();
  }

  private int read() throws IOException {
    if (next == numBuffered) {
      bufferOffset += numBuffered;
      next = 0;
      numBuffered = Math.max(0, stream.read(buffer));
      if (numBuffered == 0) {
        return END;
      }
    }
    return buffer[next++] & 0xFF;
  }
}
