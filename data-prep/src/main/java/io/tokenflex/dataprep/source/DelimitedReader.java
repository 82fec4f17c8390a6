package io.tokenflex.dataprep.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Records of a CSV or TSV stream with where each starts, quoted as RFC 4180 says and Python's
 * {@code csv} and pandas do, or as Spark does: a field that starts with a quote may hold
 * separators, line ends and, escaped, quotes. Lines without any character are no records.
 *
 * <p>Why not a library: splits need byte offsets, and a quote that never closes must cost neither
 * the memory for the rest of the file nor the records before it.
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
    /** After a quote inside a quoted field: the first of a pair, or the field's end. */
    QUOTE_IN_QUOTED,
    /** After a backslash inside a quoted field that escapes by it. */
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
   * A reader.
   *
   * @param offset where the stream stands
   * @param maxFieldBytes how much of a field is kept; the rest is dropped
   */
  DelimitedReader(
      InputStream stream, char separator, QuoteEscape escape, long offset, int maxFieldBytes) {
    this.stream = stream;
    this.escape = escape;
    this.separator = separator;
    this.bufferOffset = offset;
    this.maxFieldBytes = maxFieldBytes;
  }

  /** Goes to the next record; false if there is none. */
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

  /** Where the record starts. */
  long recordOffset() {
    return recordOffset;
  }

  /** The fields of the record, each as far as it is kept. */
  List<byte[]> fields() {
    return List.copyOf(fields);
  }

  /** Whether a field was longer than what is kept. */
  boolean isFieldCut() {
    return isFieldCut;
  }

  /** Whether the file ended inside a quoted field. */
  boolean isQuoteOpen() {
    return isQuoteOpen;
  }

  /** How long the record is, its line end included. */
  long recordBytes() {
    return bufferOffset + next - recordOffset;
  }

  /** Whether something stands between a closing quote and the end of its field. */
  boolean isQuoteBroken() {
    return isQuoteBroken;
  }

  /**
   * Whether that makes it likely that the quote was not meant so: a backslash stands before it, or
   * the field began lines above.
   */
  boolean isQuoteMistaken() {
    return isQuoteBroken && (isAfterBackslash || spansLines);
  }

  /** Reads up to the end of a line, leaving no fields if the line is empty; false at the end. */
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

  /** Line feed, carriage return, or both: takes the line feed after a carriage return. */
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
    // All fields together are held in memory too.
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
