package io.tokenflex.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/**
 * Reads the JSON files of published models as Python's {@code json} module does: {@code NaN} and
 * {@code Infinity} are valid numbers. Callers must check that a number is finite.
 */
public final class PythonJson {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .build();

  private PythonJson() {}

  /**
   * Reads a file.
   *
   * @param place the file's name, for messages
   * @throws IOException if it is not valid JSON
   */
  public static JsonNode read(byte[] json, String place) throws IOException {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IOException(place + " is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Serializes with indentation. */
  public static byte[] write(JsonNode json) throws IOException {
    return JSON.writeValueAsBytes(json);
  }
}
