package io.tokenflex.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The answers that a sample's metadata accepts: a JSON list of texts such as {@code ["a", "b"]}.
 */
public final class ReferenceList {
  /** Metadata key of the list. */
  public static final String KEY = "references";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final int MAX_SHOWN = 80;

  private ReferenceList() {}

  /**
   * Reads a list.
   *
   * @return at least one text, none of them blank; equal ones stay, for some rules count them
   * @throws InvalidInputException if it is anything else
   */
  public static List<String> parse(String json) {
    JsonNode list;
    try {
      list = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw wrong(json, "is no JSON list");
    }
    if (!list.isArray()) {
      throw wrong(json, "is no JSON list");
    }
    if (list.isEmpty()) {
      throw wrong(json, "is empty, so that no answer could be right");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : list) {
      String kind = element.getNodeType().name().toLowerCase(Locale.ROOT);
      if (!element.isTextual()) {
        throw wrong(json, "has the type " + kind + " at place " + texts.size());
      }
      if (element.asText().isBlank()) {
        throw wrong(json, "has a blank text at place " + texts.size());
      }
      texts.add(element.asText());
    }
    return texts;
  }

  private static InvalidInputException wrong(String json, String how) {
    String shown = json.length() <= MAX_SHOWN ? json : json.substring(0, MAX_SHOWN) + "...";
    return new InvalidInputException(
        KEY
            + " "
            + how
            + ": "
            + shown
            + "; expected the accepted answers such as [\"red\", \"crimson\"]");
  }
}
