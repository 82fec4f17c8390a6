package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Parses conversations in the layouts found in datasets. Checks form only, not content. */
final class ConversationParser {
  private static final String MARK_LINE = Sample.IMAGE_MARK + "\n";
  private static final Map<String, Role> ROLES =
      Map.of(
          "human", Role.USER,
          "user", Role.USER,
          "gpt", Role.ASSISTANT,
          "assistant", Role.ASSISTANT,
          "system", Role.SYSTEM);

  private ConversationParser() {}

  /**
   * Parses a list of {@code {"from", "value"}} (LLaVA) or {@code {"role", "content"}} (chat APIs).
   * A content is a text or a list of parts {@code {"type": "text" | "image", ...}}.
   *
   * @param field name of the field, for messages
   */
  static List<Turn> turns(String field, JsonNode turns) throws RecordRejectedException {
    List<Turn> conversation = new ArrayList<>();
    for (JsonNode turn : elements(field, turns)) {
      int number = conversation.size();
      JsonNode from = turn.hasNonNull("from") ? turn.get("from") : turn.path("role");
      JsonNode value = turn.hasNonNull("value") ? turn.get("value") : turn.path("content");
      if (!from.isTextual() || !(value.isTextual() || value.isArray())) {
        throw new RecordRejectedException(
            RejectReason.MALFORMED_TURN,
            String.format(
                Locale.ROOT, "Turn %d needs the texts from and value, or role and content", number),
            turn.toString());
      }
      Role role = ROLES.get(from.textValue());
      if (role == null) {
        throw new RecordRejectedException(
            RejectReason.UNKNOWN_ROLE,
            String.format(
                Locale.ROOT,
                "Turn %d is from '%s'; expected human, user, gpt, assistant or system",
                number,
                from.textValue()),
            from.textValue());
      }
      String text = value.isTextual() ? value.textValue() : joinParts(number, value);
      conversation.add(new Turn(role, text));
    }
    return conversation;
  }

  /** Parses The Cauldron's list of {@code {"user", "assistant"}}. */
  static List<Turn> exchanges(String field, JsonNode exchanges) throws RecordRejectedException {
    List<Turn> conversation = new ArrayList<>();
    for (JsonNode exchange : elements(field, exchanges)) {
      JsonNode user = exchange.path("user");
      JsonNode assistant = exchange.path("assistant");
      if (!user.isTextual() || !assistant.isTextual()) {
        throw new RecordRejectedException(
            RejectReason.MALFORMED_TURN,
            String.format(
                Locale.ROOT, "Turn %d needs the texts user and assistant", conversation.size()),
            exchange.toString());
      }
      conversation.addAll(exchange(user.textValue(), assistant.textValue()));
    }
    return conversation;
  }

  /** A conversation of one question and its answer. */
  static List<Turn> exchange(String user, String assistant) {
    return List.of(new Turn(Role.USER, user), new Turn(Role.ASSISTANT, assistant));
  }

  /** Inserts a mark for each image before the first user text, if no user text contains marks. */
  static List<Turn> withMarks(List<Turn> conversation, int numImages) {
    boolean isMarked =
        conversation.stream()
            .anyMatch(turn -> turn.role() == Role.USER && Sample.countImageMarks(turn.text()) > 0);
    if (isMarked || numImages == 0) {
      return conversation;
    }
    List<Turn> marked = new ArrayList<>(conversation);
    for (int i = 0; i < marked.size(); i++) {
      if (marked.get(i).role() == Role.USER) {
        marked.set(i, new Turn(Role.USER, marks(numImages) + marked.get(i).text()));
        break;
      }
    }
    return marked;
  }

  /** One mark per image, followed by a newline. */
  static String marks(int numImages) {
    return MARK_LINE.repeat(numImages);
  }

  private static String joinParts(int turn, JsonNode parts) throws RecordRejectedException {
    StringBuilder text = new StringBuilder();
    for (JsonNode part : parts) {
      String type = part.path("type").asText();
      if (type.equals("image") || type.equals("image_url")) {
        text.append(MARK_LINE);
      } else if (type.equals("text") && part.path("text").isTextual()) {
        text.append(part.get("text").textValue());
      } else {
        throw new RecordRejectedException(
            RejectReason.MALFORMED_TURN,
            String.format(
                Locale.ROOT, "Turn %d has a part of type '%s'; expected text or image", turn, type),
            part.toString());
      }
    }
    return text.toString();
  }

  private static Iterable<JsonNode> elements(String field, JsonNode list)
      throws RecordRejectedException {
    JsonNode elements = list.isObject() ? transposed(list) : list;
    if (!elements.isArray() || elements.isEmpty()) {
      throw new RecordRejectedException(
          RejectReason.MISSING_CONVERSATION,
          field + " is missing, empty or not a list",
          list.toString());
    }
    return elements;
  }

  /**
   * Converts an object of lists to a list of objects: Hugging Face stores a {@code Sequence} of
   * objects that way.
   */
  private static ArrayNode transposed(JsonNode lists) {
    ArrayNode elements = JsonNodeFactory.instance.arrayNode();
    lists
        .properties()
        .forEach(
            field -> {
              for (int i = 0; i < field.getValue().size(); i++) {
                ObjectNode element =
                    i < elements.size() ? (ObjectNode) elements.get(i) : elements.addObject();
                element.set(field.getKey(), field.getValue().get(i));
              }
            });
    return elements;
  }
}
