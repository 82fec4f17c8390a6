package io.tokenflex.dataprep.validate;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.data.Role;
import io.tokenflex.dataprep.source.RawRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Takes LLaVA records apart: {@code {"id": ..., "image": NAME or [NAMES], "conversations":
 * [{"from": "human", "value": ...}, {"from": "gpt", "value": ...}]}}. Checks the form, not the
 * contents.
 */
final class LlavaParser {
  private static final String ID = "id";
  private static final String IMAGE = "image";
  private static final String CONVERSATIONS = "conversations";
  private static final Map<String, Role> ROLES =
      Map.of(
          "human", Role.USER,
          "user", Role.USER,
          "gpt", Role.ASSISTANT,
          "assistant", Role.ASSISTANT,
          "system", Role.SYSTEM);

  private LlavaParser() {}

  /** The id if the record has one, for the rejects table; else empty. */
  static String idOrEmpty(RawRecord raw) {
    JsonNode id = raw.json().path(ID);
    return id.isValueNode() && !id.isNull() ? id.asText() : "";
  }

  static LlavaRecord parse(RawRecord raw) throws RecordRejectedException {
    if (!raw.syntaxError().isEmpty()) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_RECORD, "The line is not JSON: " + raw.syntaxError(), raw.text());
    }
    JsonNode json = raw.json();
    if (!json.isObject()) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_RECORD,
          "The record is of type " + json.getNodeType() + "; expected an object",
          json.toString());
    }
    String id = idOrEmpty(raw);
    if (id.isBlank()) {
      throw new RecordRejectedException(
          RejectReason.MISSING_ID, "The record has no id", json.toString());
    }
    return new LlavaRecord(id, imageNames(json), conversation(json), metadata(json));
  }

  private static List<String> imageNames(JsonNode json) throws RecordRejectedException {
    JsonNode image = json.path(IMAGE);
    if (image.isMissingNode() || image.isNull()) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (JsonNode name : image.isArray() ? image : List.of(image)) {
      if (!name.isTextual()) {
        throw new RecordRejectedException(
            RejectReason.MALFORMED_IMAGE_FIELD,
            "image is neither a file name nor a list of file names",
            image.toString());
      }
      names.add(name.textValue());
    }
    return names;
  }

  private static List<StoredTurn> conversation(JsonNode json) throws RecordRejectedException {
    JsonNode turns = json.path(CONVERSATIONS);
    if (!turns.isArray() || turns.isEmpty()) {
      throw new RecordRejectedException(
          RejectReason.MISSING_CONVERSATION,
          "conversations is missing, empty or not a list",
          turns.toString());
    }
    List<StoredTurn> conversation = new ArrayList<>();
    for (JsonNode turn : turns) {
      JsonNode from = turn.path("from");
      JsonNode value = turn.path("value");
      if (!from.isTextual() || !value.isTextual()) {
        throw new RecordRejectedException(
            RejectReason.MALFORMED_TURN,
            "Turn %d needs the texts from and value".formatted(conversation.size()),
            turn.toString());
      }
      Role role = ROLES.get(from.textValue());
      if (role == null) {
        throw new RecordRejectedException(
            RejectReason.UNKNOWN_ROLE,
            "Turn %d is from '%s'; expected human, gpt or system"
                .formatted(conversation.size(), from.textValue()),
            from.textValue());
      }
      conversation.add(new StoredTurn(role, value.textValue()));
    }
    return conversation;
  }

  private static Map<String, String> metadata(JsonNode json) {
    Map<String, String> metadata = new TreeMap<>();
    json.properties()
        .forEach(
            field -> {
              String name = field.getKey();
              JsonNode value = field.getValue();
              boolean isKnown = name.equals(ID) || name.equals(IMAGE) || name.equals(CONVERSATIONS);
              if (!isKnown && value.isValueNode() && !value.isNull()) {
                metadata.put(name, value.asText());
              }
            });
    return metadata;
  }
}
