package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Parses JSON as Python's {@code json} does: NaN and Infinity are numbers, the last of duplicate
 * keys wins, names and texts have no length limit. Nesting deeper than 1,000 is rejected, as in
 * Python.
 */
final class JsonText {
  /**
   * Maximum size of a record, because a task holds a whole record in memory, as bytes and as text.
   */
  static final int MAX_RECORD_BYTES = 64 << 20;

  private static final int MAX_DEPTH = 1000;

  /** Python's limit for the digits of an integer. */
  private static final int MAX_DIGITS = 4300;

  static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_DIGITS)
                          .maxNameLength(Integer.MAX_VALUE)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonText() {}

  /** Parses a text. */
  static JsonNode parse(String text) throws JsonProcessingException {
    return MAPPER.readTree(text);
  }

  /**
   * Parses a record of a file.
   *
   * @param offset its byte offset, for messages
   */
  static JsonNode parse(RawChunk record, long offset) throws RecordRejectedException {
    byte[] bytes = record.toBytes();
    if (record.isCut()) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_RECORD,
          String.format(
              Locale.ROOT,
              "The record at byte %d is longer than %d bytes",
              offset,
              MAX_RECORD_BYTES),
          new String(bytes, 0, 1000, StandardCharsets.UTF_8));
    }
    String text = Utf8.decode(String.format(Locale.ROOT, "The record at byte %d", offset), bytes);
    try {
      return parse(text);
    } catch (JsonProcessingException e) {
      JsonLocation place = e.getLocation();
      throw new RecordRejectedException(
          RejectReason.MALFORMED_RECORD,
          String.format(
              Locale.ROOT,
              "The record at byte %d is not JSON%s: %s",
              offset,
              place == null || place.getCharOffset() < 0
                  ? ""
                  : String.format(Locale.ROOT, " at its character %d", place.getCharOffset()),
              e.getOriginalMessage()),
          text);
    }
  }

  /** Whether a file is UTF-16 or UTF-32, by its byte order mark or the positions of zero bytes. */
  static boolean isOtherUnicode(byte[] head) {
    if (head.length < 2) {
      return false;
    }
    boolean hasMark =
        (head[0] == (byte) 0xFE && head[1] == (byte) 0xFF)
            || (head[0] == (byte) 0xFF && head[1] == (byte) 0xFE);
    boolean isWide = head[0] == 0 ^ head[1] == 0;
    boolean isWidest =
        head.length >= 4 && head[0] == 0 && head[1] == 0 && (head[2] != 0 || head[3] != 0);
    return hasMark || isWide || isWidest;
  }

  /** The first byte after white space and byte order mark; 0 if there is none. */
  static int firstCharacter(byte[] head) {
    boolean hasMark =
        head.length >= 3
            && head[0] == (byte) 0xEF
            && head[1] == (byte) 0xBB
            && head[2] == (byte) 0xBF;
    for (int i = hasMark ? 3 : 0; i < head.length; i++) {
      byte next = head[i];
      if (next != ' ' && next != '\n' && next != '\r' && next != '\t') {
        return next;
      }
    }
    return 0;
  }
}
