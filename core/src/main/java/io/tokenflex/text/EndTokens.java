package io.tokenflex.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.json.PythonJson;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * End-of-answer token ids: {@code eos_token_id} of a {@code generation_config.json} or {@code
 * config.json}, a number or a list.
 */
public final class EndTokens {
  private static final String KEY = "eos_token_id";

  private EndTokens() {}

  /**
   * Reads the ids of a file.
   *
   * @param place the file's name, for messages
   * @throws IOException if it is not valid JSON
   * @throws InvalidInputException if the value is neither null, an id nor a list of ids
   */
  public static List<Long> read(byte[] json, String place) throws IOException {
    return in(PythonJson.read(json, place), place);
  }

  /**
   * The ids in a configuration; empty if it has none.
   *
   * @param place the file's name, for messages
   * @throws InvalidInputException if the value is neither null, an id nor a list of ids
   */
  public static List<Long> in(JsonNode config, String place) {
    JsonNode value = config.path(KEY);
    Set<Long> ids = new LinkedHashSet<>();
    for (JsonNode id : value.isArray() ? value : List.of(value)) {
      if (id.isIntegralNumber() && id.canConvertToLong() && id.longValue() >= 0) {
        ids.add(id.longValue());
      } else if (value.isArray() || !(value.isNull() || value.isMissingNode())) {
        throw new InvalidInputException(
            place + ": " + KEY + " is " + value + "; expected an id, a list of ids, or null");
      }
    }
    return List.copyOf(ids);
  }
}
