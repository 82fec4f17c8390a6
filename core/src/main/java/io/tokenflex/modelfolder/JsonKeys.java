package io.tokenflex.modelfolder;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.failure.InvalidInputException;

/**
 * Typed access to the keys of a {@code config.json}; Jackson alone reads a value of the wrong type
 * as zero. All methods throw IllegalArgumentException naming the key.
 */
final class JsonKeys {
  private JsonKeys() {}

  static int integer(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.canConvertToInt() || !value.canConvertToExactIntegral()) {
      throw wrong(key, value, "a whole number below 2^31");
    }
    return value.intValue();
  }

  static double decimal(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) { // Python's JSON allows NaN
      throw wrong(key, value, "a number");
    }
    return value.doubleValue();
  }

  static boolean flag(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.isBoolean()) {
      throw wrong(key, value, "true or false");
    }
    return value.booleanValue();
  }

  static String text(JsonNode json, String key) {
    JsonNode value = json.path(key);
    if (!value.isTextual()) {
      throw wrong(key, value, "a string");
    }
    return value.textValue();
  }

  private static IllegalArgumentException wrong(String key, JsonNode value, String expected) {
    return new InvalidInputException(
        "%s is %s; expected %s"
            .formatted(key, value.isMissingNode() ? "missing" : value, expected));
  }
}
