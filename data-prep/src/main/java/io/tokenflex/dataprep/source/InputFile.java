package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A file of JSON records: either one array, as LLaVA's datasets come, or one record a line.
 *
 * <p>An array cannot be cut without reading it, so {@link #index} walks the file once, counts the
 * records and notes where splits start; {@link #read} then opens the file at a split.
 */
public final class InputFile {
  private static final int RECORDS_PER_SPLIT = 256;
  private static final int BYTES_PER_SPLIT = 4 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectReader WHOLE_LINE =
      JSON.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * What a walk over the file finds.
   *
   * @param isArray one JSON array; else one record a line
   * @param sha256 lower-case hex digest of the file
   */
  public record Index(boolean isArray, List<InputSplit> splits, long numRecords, String sha256) {
    public Index {
      splits = List.copyOf(splits);
    }
  }

  private final FileSystem fileSystem;
  private final Path path;

  public InputFile(FileSystem fileSystem, Path path) {
    this.fileSystem = fileSystem;
    this.path = path;
  }

  /**
   * Walks the whole file.
   *
   * @throws IllegalArgumentException if the file is missing, or is an array that is not valid JSON
   */
  public Index index() throws IOException {
    Splits splits = new Splits();
    DigestInputStream digest;
    boolean isArray;
    try {
      isArray = startsWithBracket();
      digest = new DigestInputStream(fileSystem.open(path), Digests.sha256());
    } catch (FileNotFoundException e) {
      throw new IllegalArgumentException("There is no input file " + path, e);
    }
    try (InputStream stream = digest) {
      if (isArray) {
        indexArray(stream, splits);
      } else {
        indexLines(stream, splits);
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s is not valid JSON at byte %d (%s); repair the file or use one record a line, where a"
                  .formatted(path, e.getLocation().getByteOffset(), e.getOriginalMessage())
              + " broken line costs only itself",
          e);
    }
    return new Index(
        isArray, splits.finish(), splits.numRecords, Digests.hex(digest.getMessageDigest()));
  }

  private boolean startsWithBracket() throws IOException {
    try (InputStream stream = fileSystem.open(path)) {
      int next = stream.read();
      // White space and the three bytes of a byte order mark.
      while (next == ' ' || next == '\n' || next == '\r' || next == '\t' || next >= 0xBB) {
        next = stream.read();
      }
      return next == '[';
    }
  }

  private static void indexArray(InputStream stream, Splits splits) throws IOException {
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
      stream.transferTo(OutputStream.nullOutputStream());
    }
  }

  private static void indexLines(InputStream stream, Splits splits) throws IOException {
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
  public List<RawRecord> read(InputSplit split, boolean isArray) throws IOException {
    try (FSDataInputStream stream = fileSystem.open(path)) {
      stream.seek(split.offset());
      return isArray ? readArray(stream, split) : readLines(stream, split);
    }
  }

  private static List<RawRecord> readArray(InputStream stream, InputSplit split)
      throws IOException {
    List<RawRecord> records = new ArrayList<>(split.numRecords());
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

  private static List<RawRecord> readLines(InputStream stream, InputSplit split)
      throws IOException {
    List<RawRecord> records = new ArrayList<>(split.numRecords());
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    while (records.size() < split.numRecords()) {
      String line = reader.readLine();
      if (line == null) {
        throw new IOException(
            "Expected %d records from byte %d but found %d; the input changed meanwhile"
                .formatted(split.numRecords(), split.offset(), records.size()));
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

  /** Collects record starts into splits. */
  private static final class Splits {
    private final List<InputSplit> finished = new ArrayList<>();
    private long offset;
    private int numRecordsInSplit;
    private long numRecords;

    void add(long recordOffset) {
      boolean isFull =
          numRecordsInSplit == RECORDS_PER_SPLIT || recordOffset - offset >= BYTES_PER_SPLIT;
      if (numRecordsInSplit > 0 && isFull) {
        finishSplit();
      }
      if (numRecordsInSplit == 0) {
        offset = recordOffset;
      }
      numRecordsInSplit++;
      numRecords++;
    }

    List<InputSplit> finish() {
      if (numRecordsInSplit > 0) {
        finishSplit();
      }
      return finished;
    }

    private void finishSplit() {
      finished.add(new InputSplit(offset, numRecords - numRecordsInSplit, numRecordsInSplit));
      numRecordsInSplit = 0;
    }
  }
}
