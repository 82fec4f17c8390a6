package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.FSDataInputStream;

/** A CSV or TSV file with a header line. */
final class DelimitedFile {
  /**
   * Maximum size of a record, because a task holds a whole record in memory, as bytes and as text.
   */
  static final int MAX_RECORD_BYTES = 64 << 20;

  private final SourceFile file;
  private final char separator;
  private final List<String> columns;

  private DelimitedFile(SourceFile file, char separator, List<String> columns) {
    this.file = file;
    this.separator = separator;
    this.columns = columns;
  }

  /**
   * Reads the header.
   *
   * @throws IllegalArgumentException if the header is missing or repeats a name
   */
  static DelimitedFile open(SourceFile file, char separator) throws IOException {
    try (InputStream stream = file.open()) {
      DelimitedReader reader =
          new DelimitedReader(stream, separator, QuoteEscape.DOUBLED, 0, MAX_RECORD_BYTES);
      List<String> columns = reader.next() ? header(reader.fields()) : List.of();
      if (columns.isEmpty() || new HashSet<>(columns).size() < columns.size()) {
        throw new InvalidInputException(
            "%s has the header '%s'; expected a line that names every column once: add it"
                .formatted(file.path(), String.join(String.valueOf(separator), columns)));
      }
      return new DelimitedFile(file, separator, columns);
    }
  }

  /** The column names in a header line. */
  static List<String> header(List<byte[]> fields) {
    List<String> columns = new ArrayList<>();
    for (byte[] field : fields) {
      columns.add(new String(field, StandardCharsets.UTF_8));
    }
    return List.copyOf(columns);
  }

  List<String> columns() {
    return columns;
  }

  /** Visits records. */
  @FunctionalInterface
  interface Visitor {
    void accept(DelimitedReader record) throws IOException;
  }

  /**
   * Visits all records.
   *
   * @param maxFieldBytes number of bytes of each field to keep
   */
  void walk(QuoteEscape escape, int maxFieldBytes, Visitor visitor) throws IOException {
    try (InputStream stream = file.open()) {
      DelimitedReader reader = new DelimitedReader(stream, separator, escape, 0, maxFieldBytes);
      reader.next();
      while (reader.next()) {
        visitor.accept(reader);
      }
    }
  }

  /** Visits the records of a split. */
  void read(SourceSplit split, Visitor visitor) throws IOException {
    try (FSDataInputStream stream = file.open()) {
      stream.seek(split.offset());
      DelimitedReader reader =
          new DelimitedReader(stream, separator, escape(split), split.offset(), MAX_RECORD_BYTES);
      // The caller detects missing records by their number.
      for (long i = 0; i < split.numRecords() && reader.next(); i++) {
        visitor.accept(reader);
      }
    }
  }

  private static QuoteEscape escape(SourceSplit split) {
    return split.dialect().isEmpty() ? QuoteEscape.DOUBLED : QuoteEscape.valueOf(split.dialect());
  }

  /** Whether a record has invalid quotes or a wrong number of fields. */
  boolean isBroken(DelimitedReader record) {
    return record.isQuoteOpen()
        || record.isQuoteBroken()
        || record.fields().size() != columns.size();
  }

  /**
   * How much of the input a rejected record covers: an unclosed quote extends over the following
   * records.
   */
  static LostPart lost(DelimitedReader record) {
    return record.isQuoteOpen() || record.isQuoteMistaken()
        ? LostPart.ofBytes(record.recordBytes())
        : LostPart.ONE_RECORD;
  }

  /** The fields by column name; empty fields are omitted. */
  ObjectNode fields(DelimitedReader record) throws RecordRejectedException {
    List<byte[]> values = record.fields();
    String start = start(values);
    if (record.isQuoteOpen()) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_RECORD,
          String.format(
              Locale.ROOT,
              "A quote opened in the record at byte %d never closes; all that follows is lost",
              record.recordOffset()),
          start);
    }
    if (record.isQuoteMistaken()) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_RECORD,
          String.format(
              Locale.ROOT,
              "A quote opened in the record at byte %d closes before other text: one is missing"
                  + " or escaped otherwise; mend it, or set escape = \"\\\\\" on the input if the"
                  + " table has \\\" for a quote",
              record.recordOffset()),
          start);
    }
    if (record.isFieldCut()) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_RECORD,
          String.format(
              Locale.ROOT,
              "The record at byte %d has more than %d bytes",
              record.recordOffset(),
              MAX_RECORD_BYTES),
          start);
    }
    if (values.size() != columns.size()) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_RECORD,
          String.format(
              Locale.ROOT,
              "The record at byte %d has %d fields but the header names %d columns",
              record.recordOffset(),
              values.size(),
              columns.size()),
          start);
    }
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < columns.size(); i++) {
      if (values.get(i).length > 0) {
        fields.put(columns.get(i), Utf8.decode("Column " + columns.get(i), values.get(i)));
      }
    }
    return fields;
  }

  private String start(List<byte[]> values) {
    List<String> starts = new ArrayList<>();
    for (byte[] value : values) {
      starts.add(new String(value, 0, Math.min(value.length, 200), StandardCharsets.UTF_8));
    }
    return String.join(String.valueOf(separator), starts);
  }
}
