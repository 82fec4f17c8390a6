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
 * A file of JSON records: either one array, as LLaVA's datasets come, or one record a line.
 *
 * <p>Neither can be cut without reading it, so {@link #plan} walks the file once and notes where
 * splits start; {@link #read} then opens the file at a split and cuts it by the same rules.
 */
final class JsonRecords {
  private final SourceFile file;

  JsonRecords(SourceFile file) {
    this.file = file;
  }

  /** Takes records as they come; what they hold is gone when it returns. */
  @FunctionalInterface
  interface Visitor {
    void accept(RawRecord record) throws IOException;
  }

  /**
   * Walks the whole file.
   *
   * @throws InvalidInputException if the file is missing, is not UTF-8, or is an array that is not
   *     whole
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

  /** Refuses what no rule of these formats can cut. */
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

  /** Whether the first line of a file is an object on its own. */
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

  /** Reads the records of a split. */
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
   * Reads elements of an array. It stops where the array breaks off: that is where the file is no
   * longer what was planned, which the numbers of planned and read records tell.
   *
   * @param stream stands at the first element
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
      // Counted by those who know how many records there should be.
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

  /** Parses a value, or gives none where it is not JSON. */
  static JsonNode parseOrMissing(RawChunk value, long offset) {
    try {
      return JsonText.parse(value, offset);
    } catch (RecordRejectedException e) {
      return MissingNode.getInstance();
    }
  }
}
