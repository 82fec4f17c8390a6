package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.tokenflex.failure.InvalidInputException;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * A file of JSON records: either one array, as LLaVA's datasets come, or one record a line.
 *
 * <p>An array cannot be cut without reading it, so {@link #plan} walks the file once and notes
 * where splits start; {@link #read} then opens the file at a split.
 */
final class JsonRecords {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectReader WHOLE_LINE =
      JSON.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final SourceFile file;

  JsonRecords(SourceFile file) {
    this.file = file;
  }

  /**
   * Walks the whole file.
   *
   * @throws IllegalArgumentException if the file is missing, or is an array that is not valid JSON
   */
  List<SourceSplit> plan() throws IOException {
    SplitCollector splits = new SplitCollector();
    try (InputStream stream = file.open()) {
      if (isArray(file.head())) {
        indexArray(stream, splits);
      } else {
        indexLines(stream, splits);
      }
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          String.format(
                  Locale.ROOT,
                  "%s is not valid JSON at byte %d (%s); repair the file or use one record a line, where a",
                  file.path(),
                  e.getLocation().getByteOffset(),
                  e.getOriginalMessage())
              + " broken line costs only itself",
          e);
    }
    return splits.finish();
  }

  private static boolean isArray(byte[] head) {
    return firstCharacter(head) == '[';
  }

  /** The first byte that is neither white space nor of a byte order mark; 0 if there is none. */
  static int firstCharacter(byte[] head) {
    for (byte next : head) {
      boolean isSkipped =
          next == ' ' || next == '\n' || next == '\r' || next == '\t' || (next & 0xFF) >= 0xBB;
      if (!isSkipped) {
        return next;
      }
    }
    return 0;
  }

  private static void indexArray(InputStream stream, SplitCollector splits) throws IOException {
    try (JsonParser parser =
        JSON.getFactory().createParser(stream).disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() == null) {
          throw new JsonParseException(parser, "the array does not end", parser.currentLocation());
        }
        splits.add(parser.currentTokenLocation().getByteOffset());
        parser.skipChildren();
      }
    }
  }

  private static void indexLines(InputStream stream, SplitCollector splits) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long lineStart = 0;
    boolean isBlank = true;
    long at = 0;
    for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
      for (int i = 0; i < count; i++, at++) {
        if (buffer[i] == '\n') {
          if (!isBlank) {
            splits.add(lineStart);
          }
          lineStart = at + 1;
          isBlank = true;
        } else if (buffer[i] != ' ' && buffer[i] != '\r' && buffer[i] != '\t') {
          isBlank = false;
        }
      }
    }
    if (!isBlank) {
      splits.add(lineStart);
    }
  }

  /** Reads the records of a split. */
  List<RawRecord> read(SourceSplit split) throws IOException {
    boolean isArray = isArray(file.head());
    try (FSDataInputStream stream = file.open()) {
      stream.seek(split.offset());
      return isArray ? readArray(stream, split) : readLines(stream, split);
    }
  }

  /**
   * Reads elements of an array.
   *
   * @param stream stands at the first element
   */
  static List<RawRecord> readArray(InputStream stream, SourceSplit split) throws IOException {
    List<RawRecord> records = new ArrayList<>((int) split.numRecords());
    // The split starts inside the array: an opening bracket makes it one again.
    InputStream array =
        new SequenceInputStream(
            new ByteArrayInputStream("[".getBytes(StandardCharsets.UTF_8)), stream);
    try (JsonParser parser = JSON.getFactory().createParser(array)) {
      parser.nextToken();
      for (int i = 0; i < split.numRecords(); i++) {
        parser.nextToken();
        JsonNode json = JSON.readTree(parser);
        records.add(RawRecord.of(split.firstPosition() + i, json));
      }
    }
    return records;
  }

  private static List<RawRecord> readLines(InputStream stream, SourceSplit split)
      throws IOException {
    List<RawRecord> records = new ArrayList<>((int) split.numRecords());
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    while (records.size() < split.numRecords()) {
      String line = reader.readLine();
      if (line == null) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "Expected %d records from byte %d but found %d; the input changed meanwhile",
                split.numRecords(),
                split.offset(),
                records.size()));
      }
      if (!line.isBlank()) {
        records.add(parseLine(split.firstPosition() + records.size(), line));
      }
    }
    return records;
  }

  private static RawRecord parseLine(long position, String line) {
    try {
      return RawRecord.of(position, WHOLE_LINE.readTree(line));
    } catch (JsonProcessingException e) {
      return RawRecord.ofMalformedLine(position, line, e.getOriginalMessage());
    }
  }
}
