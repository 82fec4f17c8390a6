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
 * The small JSON files of published models, as Python reads them: {@code NaN} and {@code Infinity}
 * are numbers. Whoever uses a number checks that it is one.
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
   * @param place names it in messages
   * @throws IOException if it is no JSON
   */
  public static JsonNode read(byte[] json, String place) throws IOException {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IOException(place + " is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The content of a file, indented. */
  public static byte[] write(JsonNode json) throws IOException {
    return JSON.writeValueAsBytes(json);
  }
}
