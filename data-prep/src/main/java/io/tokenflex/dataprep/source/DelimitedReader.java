package io.tokenflex.dataprep.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Records of a CSV or TSV stream with where each starts, quoted as RFC 4180 says and Python's
 * {@code csv} and pandas do: a field that starts with a quote may hold separators, line ends and,
 * doubled, quotes. Lines without any character are no records.
 *
 * <p>Why not a library: splits need byte offsets, and a quote that never closes must cost neither
 * the memory for the rest of the file nor the records before it.
 */
final class DelimitedReader {
  private static final int QUOTE = '"';
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int END = -1;

  private enum State {
    FIELD_START,
    PLAIN,
    QUOTED,
    /** After a quote inside a quoted field: the first of a pair, or the field's end. */
    QUOTE_IN_QUOTED
  }

  private final InputStream stream;
  private final int separator;
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

  /**
   * A reader.
   *
   * @param offset where the stream stands
   * @param maxFieldBytes how much of a field is kept; the rest is dropped
   */
  DelimitedReader(InputStream stream, char separator, long offset, int maxFieldBytes) {
    this.stream = stream;
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
    int current = first;
    for (; ; current = read()) {
      if (current == END) {
        isQuoteOpen = state == State.QUOTED;
        finishField();
        return true;
      }
      if (state == State.QUOTED) {
        if (current == QUOTE) {
          state = State.QUOTE_IN_QUOTED;
        } else {
          append(current);
        }
      } else if (current == QUOTE && state == State.QUOTE_IN_QUOTED) {
        append(QUOTE);
        state = State.QUOTED;
      } else if (current == QUOTE && state == State.FIELD_START) {
        state = State.QUOTED;
      } else if (current == separator) {
        finishField();
        state = State.FIELD_START;
      } else if (isLineEnd(current)) {
        finishField();
        return true;
      } else {
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
    if (field.size() < maxFieldBytes) {
      field.write(value);
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
