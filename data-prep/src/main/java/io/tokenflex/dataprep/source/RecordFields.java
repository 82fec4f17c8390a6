package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.samples.Turn;
import io.tokenflex.score.ReferenceList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Builds a record from named fields: columns of a table or members of a JSON object. If several
 * fields can have the same meaning, the first in the list of names is used; the others become
 * metadata.
 */
final class RecordFields {
  private static final List<String> IDS = List.of("id", "key", "__key__", "uid", "index");
  private static final List<String> IMAGES =
      List.of("images", "image", "image_path", "filepath", "file_name", "path");
  private static final String CONVERSATIONS = "conversations";
  private static final String MESSAGES = "messages";
  private static final String TEXTS = "texts";
  private static final String QUESTION = "question";
  private static final String ANSWER = "answer";
  private static final List<String> CAPTIONS = List.of("caption", "text", "TEXT");

  private final ObjectNode fields;
  private final SourceOptions options;
  private final Set<String> used = new HashSet<>();

  private RecordFields(ObjectNode fields, SourceOptions options) {
    this.fields = fields;
    this.options = options;
  }

  /** Builds a record; its id is empty if no field has one. */
  static SourceRecord parse(ObjectNode fields, SourceOptions options)
      throws RecordRejectedException {
    RecordFields record = new RecordFields(fields, options);
    String id = record.id().orElse("");
    List<SourceImage> images = record.images();
    return record.parse(id, images, places(options), record.fieldNames());
  }

  /**
   * Builds a record with a given id.
   *
   * @param members images stored beside the fields; if empty, those that the fields contain
   * @param seen names stored beside the fields, for the message if there is no image
   */
  static SourceRecord parse(
      ObjectNode fields,
      String id,
      List<SourceImage> members,
      SourceOptions options,
      Collection<String> seen)
      throws RecordRejectedException {
    RecordFields record = new RecordFields(fields, options);
    List<SourceImage> images = members;
    if (members.isEmpty()) {
      images = record.images();
    } else {
      // The image field names the embedded images and is not metadata, unless it is not a text.
      IMAGES.stream().filter(name -> record.get(name).isTextual()).forEach(record::use);
    }
    return record.parse(id, images, "its members or " + places(options), seen);
  }

  /** Names of the fields that may contain images. */
  private static String places(SourceOptions options) {
    return IMAGES.stream().map(options::column).collect(Collectors.joining(", "));
  }

  /** The id in these fields; empty if there is none. */
  static String id(ObjectNode fields, SourceOptions options) {
    return new RecordFields(fields, options).id().orElse("");
  }

  /** Actual names of all fields with a meaning; other fields can only be metadata. */
  static Set<String> known(SourceOptions options) {
    Set<String> known = new HashSet<>();
    for (List<String> names :
        List.of(
            IDS,
            IMAGES,
            CAPTIONS,
            List.of(CONVERSATIONS, MESSAGES, TEXTS, QUESTION, ANSWER, ReferenceList.KEY))) {
      names.forEach(name -> known.add(options.column(name)));
    }
    return known;
  }

  /**
   * Checks that a table has columns for texts and, if required, for images.
   *
   * @param likely columns that may contain images, for the message
   * @throws IllegalArgumentException if none has
   */
  static void checkColumns(
      SourceFile file, Collection<String> columns, List<String> likely, SourceOptions options) {
    boolean hasTurns =
        List.of(CONVERSATIONS, MESSAGES, TEXTS).stream()
            .anyMatch(name -> columns.contains(options.column(name)));
    boolean hasCaption = CAPTIONS.stream().anyMatch(name -> columns.contains(options.column(name)));
    boolean hasQuestion =
        columns.contains(options.column(QUESTION)) && columns.contains(options.column(ANSWER));
    if (!hasTurns && !hasCaption && !hasQuestion) {
      throw new InvalidInputException(
          "%s has the columns %s; expected one of %s, %s or %s, or %s and %s, or one of %s: name them in"
                  .formatted(
                      file.path(),
                      String.join(", ", columns),
                      CONVERSATIONS,
                      MESSAGES,
                      TEXTS,
                      QUESTION,
                      ANSWER,
                      String.join(", ", CAPTIONS))
              + " the input's columns setting, usual name to actual name");
    }
    boolean hasPictures = IMAGES.stream().map(options::column).anyMatch(columns::contains);
    if (!hasPictures && !options.textOnly()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has the columns %s, but none that is known to hold pictures (%s)%s: name it in the"
                  + " input's columns setting, such as columns { image = %s }, or set textOnly ="
                  + " true if the input holds text alone",
              file.path(),
              String.join(", ", columns),
              places(options),
              likely.isEmpty() ? "" : "; it could be " + String.join(" or ", likely),
              likely.isEmpty() ? "NAME" : likely.get(0)));
    }
  }

  private SourceRecord parse(
      String id, List<SourceImage> images, String place, Collection<String> seen)
      throws RecordRejectedException {
    List<Turn> conversation =
        ConversationParser.withMarks(conversation(images.size()), images.size());
    PictureRule.check(images, options, place, seen);
    return new SourceRecord(id, images, conversation, metadata());
  }

  private Optional<String> id() {
    for (String usualName : IDS) {
      JsonNode id = get(usualName);
      if (id.isValueNode() && !id.isBinary() && !id.asText().isBlank()) {
        use(usualName);
        return Optional.of(id.asText());
      }
    }
    return Optional.empty();
  }

  private List<SourceImage> images() throws RecordRejectedException {
    for (String usualName : IMAGES) {
      JsonNode value = get(usualName);
      if (value.isMissingNode()) {
        continue;
      }
      use(usualName);
      boolean isEmpty = value.isArray() ? value.isEmpty() : isBlank(value);
      if (isEmpty) {
        continue; // another field may contain the image
      }
      List<SourceImage> images = new ArrayList<>();
      for (JsonNode image : value.isArray() ? value : List.of(value)) {
        images.add(image(options.column(usualName), images.size(), image));
      }
      return images;
    }
    return List.of();
  }

  private static boolean isBlank(JsonNode value) {
    return value.isTextual() && value.textValue().isBlank();
  }

  private static SourceImage image(String column, int number, JsonNode image)
      throws RecordRejectedException {
    JsonNode bytes = image.isObject() ? image.path("bytes") : image;
    JsonNode path = image.isObject() ? image.path("path") : image;
    try {
      if (bytes.isBinary()) {
        String name =
            path.isTextual()
                ? path.textValue()
                : String.format(Locale.ROOT, "%s[%d]", column, number);
        return new SourceImage.Embedded(name, bytes.binaryValue());
      }
    } catch (IOException e) {
      throw new IllegalStateException("A binary node gives its bytes", e);
    }
    if (!path.isTextual()) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_IMAGE_FIELD,
          String.format(Locale.ROOT, "%s[%d] has neither a file name nor bytes", column, number),
          image.toString());
    }
    return new SourceImage.Named(path.textValue());
  }

  private List<Turn> conversation(int numImages) throws RecordRejectedException {
    for (String usualName : List.of(CONVERSATIONS, MESSAGES)) {
      if (has(usualName)) {
        return ConversationParser.turns(options.column(usualName), list(usualName));
      }
    }
    if (has(TEXTS)) {
      return ConversationParser.exchanges(options.column(TEXTS), list(TEXTS));
    }
    if (has(QUESTION) && has(ANSWER)) {
      return ConversationParser.exchange(text(QUESTION), text(ANSWER));
    }
    for (String usualName : CAPTIONS) {
      if (has(usualName)) {
        PictureRule.checkCaption(numImages, options, text(usualName));
        return ConversationParser.exchange(options.captionPrompt(), text(usualName));
      }
    }
    throw new RecordRejectedException(
        RejectReason.MISSING_CONVERSATION,
        "The record holds no conversations, messages, texts, question with answer, or caption",
        "fields: " + String.join(", ", fieldNames()));
  }

  /** Parses a list; some datasets store it as a JSON text. */
  private JsonNode list(String usualName) throws RecordRejectedException {
    JsonNode value = get(usualName);
    use(usualName);
    if (!value.isTextual()) {
      return value;
    }
    try {
      return JsonText.parse(value.textValue());
    } catch (JsonProcessingException e) {
      throw new RecordRejectedException(
          RejectReason.MISSING_CONVERSATION,
          "%s is a text but not a JSON list: %s"
              .formatted(options.column(usualName), e.getOriginalMessage()),
          value.textValue());
    }
  }

  private String text(String usualName) throws RecordRejectedException {
    JsonNode value = get(usualName);
    use(usualName);
    try {
      if (value.isBinary()) {
        return Utf8.decode(options.column(usualName), value.binaryValue());
      }
    } catch (IOException e) {
      throw new IllegalStateException("A binary node gives its bytes", e);
    }
    if (!value.isValueNode()) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_TURN,
          options.column(usualName) + " is not a text",
          value.toString());
    }
    return value.asText();
  }

  private Map<String, String> metadata() {
    Map<String, String> metadata = new TreeMap<>();
    fields
        .properties()
        .forEach(
            field -> {
              String name = field.getKey();
              if (!used.contains(name)) {
                boolean isReferences = name.equals(options.column(ReferenceList.KEY));
                MetadataFields.put(
                    metadata, isReferences ? ReferenceList.KEY : name, field.getValue());
              }
            });
    return metadata;
  }

  private List<String> fieldNames() {
    return fields.properties().stream().map(Map.Entry::getKey).toList();
  }

  private boolean has(String usualName) {
    return !get(usualName).isMissingNode();
  }

  /** The value of a field; missing if absent, null or NaN, which pandas writes for null. */
  private JsonNode get(String usualName) {
    JsonNode value = fields.path(options.column(usualName));
    return value.isNull() || isNan(value) ? MissingNode.getInstance() : value;
  }

  static boolean isNan(JsonNode value) {
    return value.isFloatingPointNumber() && Double.isNaN(value.doubleValue());
  }

  private void use(String usualName) {
    used.add(options.column(usualName));
  }
}
