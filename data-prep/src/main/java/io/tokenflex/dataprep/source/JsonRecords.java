package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.source.JsonScanner.ShapeException;
import io.tokenflex.failure.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * A file of JSON records: one array, as in LLaVA's datasets, or one record per line.
 *
 * <p>Split points can only be found by reading, so {@link #plan} scans the file once; {@link #read}
 * then reads one split by the same rules.
 */
final class JsonRecords {
  private final SourceFile file;

  JsonRecords(SourceFile file) {
    this.file = file;
  }

  /** Visits records; their bytes are valid only during the call. */
  @FunctionalInterface
  interface Visitor {
    void accept(RawRecord record) throws IOException;
  }

  /**
   * Scans the whole file and plans splits.
   *
   * @throws InvalidInputException if the file is missing, not UTF-8, or a truncated array
   */
  List<SourceSplit> plan() throws IOException {
    byte[] head = file.head();
    requireUtf8(file, head);
    SplitCollector splits = new SplitCollector();
    try (InputStream stream = file.open()) {
      return isArray(head) ? planArray(stream, splits) : planLines(stream, head, splits);
    } catch (ShapeException e) {
      throw new InvalidInputException(
          file.path()
              + " is not valid JSON "
              + e.getMessage()
              + "; repair the file or use one record a line, where a broken line costs only itself",
          e);
    }
  }

  /** Rejects files in other encodings, which cannot be split. */
  static void requireUtf8(SourceFile file, byte[] head) {
    if (JsonText.isOtherUnicode(head)) {
      throw new InvalidInputException(
          file.path()
              + " is not UTF-8 but UTF-16 or UTF-32, as its first bytes show; convert it, for instance"
              + " with iconv -f UTF-16 -t UTF-8");
    }
  }

  static boolean isArray(byte[] head) {
    return JsonText.firstCharacter(head) == '[';
  }

  /** Whether the first line of a file is a complete object. */
  static boolean startsWithObjectLine(byte[] head) {
    JsonLineReader reader =
        new JsonLineReader(new ByteArrayInputStream(head), 0, head, head.length);
    try {
      return reader.next() && JsonText.parse(reader.line(), 0).isObject();
    } catch (RecordRejectedException e) {
      return false;
    } catch (IOException e) {
      throw new IllegalStateException("Memory does not fail", e);
    }
  }

  private static List<SourceSplit> planArray(InputStream stream, SplitCollector splits)
      throws IOException, ShapeException {
    JsonScanner scanner = new JsonScanner(stream, 0, 0);
    scanner.skipByteOrderMark();
    scanner.take('[');
    boolean hasMore = !scanner.takeIf(']');
    while (hasMore) {
      splits.add(scanner.position());
      scanner.scanValue();
      hasMore = scanner.moreElements(']');
    }
    long end = scanner.position();
    scanner.requireEnd();
    return splits.finish(end);
  }

  private static List<SourceSplit> planLines(InputStream stream, byte[] head, SplitCollector splits)
      throws IOException {
    JsonLineReader reader = new JsonLineReader(stream, 0, head, 0);
    while (reader.next()) {
      splits.add(reader.lineOffset());
    }
    return splits.finish(reader.position());
  }

  /** Visits the records of a split. */
  void read(SourceSplit split, Visitor visitor) throws IOException {
    byte[] head = file.head();
    try (FSDataInputStream stream = file.open()) {
      stream.seek(split.offset());
      if (isArray(head)) {
        readElements(stream, split, visitor);
      } else {
        readLines(stream, head, split, visitor);
      }
    }
  }

  /**
   * Visits elements of an array. Stops without an error where the array is malformed, which means
   * that the file changed since it was planned; the caller compares the numbers of records.
   *
   * @param stream positioned at the first element
   */
  static void readElements(InputStream stream, SourceSplit split, Visitor visitor)
      throws IOException {
    JsonScanner scanner = new JsonScanner(stream, split.offset(), JsonText.MAX_RECORD_BYTES);
    try {
      boolean hasMore = true;
      for (long i = 0; hasMore && scanner.position() < split.end(); i++) {
        long offset = scanner.position();
        scanner.scanValue();
        visitor.accept(new RawRecord(split.firstPosition() + i, offset, scanner.value()));
        hasMore = scanner.moreElements(']');
      }
    } catch (ShapeException e) {
      // The caller detects missing records by their number.
      return;
    }
  }

  private static void readLines(InputStream stream, byte[] head, SourceSplit split, Visitor visitor)
      throws IOException {
    JsonLineReader reader =
        new JsonLineReader(stream, split.offset(), head, JsonText.MAX_RECORD_BYTES);
    for (long i = 0; reader.next() && reader.lineOffset() < split.end(); i++) {
      visitor.accept(new RawRecord(split.firstPosition() + i, reader.lineOffset(), reader.line()));
    }
  }

  /** Parses a value; a missing node if it is not valid JSON. */
  static JsonNode parseOrMissing(RawChunk value, long offset) {
    try {
      return JsonText.parse(value, offset);
    } catch (RecordRejectedException e) {
      return MissingNode.getInstance();
    }
  }
}
