package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Parses LLaVA records: {@code {"id": ..., "image": NAME or [NAMES], "conversations": [{"from":
 * "human", "value": ...}, {"from": "gpt", "value": ...}]}}. {@code images} is an alias of {@code
 * image}. Checks form only, not content.
 */
final class LlavaParser {
  private static final String ID = "id";
  private static final String IMAGE = "image";
  private static final String IMAGES = "images";
  private static final String CONVERSATIONS = "conversations";

  private static final Set<String> KNOWN = Set.of(ID, IMAGE, IMAGES, CONVERSATIONS);

  private LlavaParser() {}

  /** Parses the record, which must be an object. */
  static ObjectNode object(RawRecord raw) throws RecordRejectedException {
    JsonNode json = raw.json();
    if (json instanceof ObjectNode object) {
      return object;
    }
    throw new RecordRejectedException(
        RejectReason.MALFORMED_RECORD,
        "The record is of type " + json.getNodeType() + "; expected an object",
        raw.start());
  }

  /** Parses a record; one without {@code conversations} is treated as a row of a table. */
  static SourceRecord parse(ObjectNode json, SourceOptions options) throws RecordRejectedException {
    if (!json.hasNonNull(CONVERSATIONS)) {
      return RecordFields.parse(json, options);
    }
    return new SourceRecord(
        id(json),
        images(json, options),
        ConversationParser.turns(CONVERSATIONS, json.path(CONVERSATIONS)),
        metadata(json));
  }

  /** The id; empty if missing or NaN, which pandas writes for missing values. */
  private static String id(ObjectNode json) {
    JsonNode id = json.path(ID);
    boolean isId = id.isValueNode() && !id.isNull() && !RecordFields.isNan(id);
    return isId && !id.asText().isBlank() ? id.asText() : "";
  }

  /**
   * The images; none for a text-only record, as in LLaVA's mixtures: no image mark in its texts and
   * no field that names an image (pandas writes null or an empty list for a missing key). A mark
   * without an image is rejected later.
   */
  private static List<SourceImage> images(JsonNode json, SourceOptions options)
      throws RecordRejectedException {
    JsonNode image = isEmpty(json.path(IMAGE)) ? json.path(IMAGES) : json.path(IMAGE);
    if (isEmpty(image)) {
      for (Map.Entry<String, JsonNode> field : json.properties()) {
        if (!KNOWN.contains(field.getKey()) && PictureRule.namesPicture(field.getValue())) {
          PictureRule.check(
              List.of(),
              options,
              "image or images, but " + field.getKey(),
              List.of(field.getKey()));
        }
      }
      return List.of();
    }
    List<SourceImage> images = new ArrayList<>();
    for (JsonNode name : image.isArray() ? image : List.of(image)) {
      if (!name.isTextual()) {
        throw new RecordRejectedException(
            RejectReason.MALFORMED_IMAGE_FIELD,
            "image is neither a file name nor a list of file names",
            image.toString());
      }
      images.add(new SourceImage.Named(name.textValue()));
    }
    return images;
  }

  private static boolean isEmpty(JsonNode image) {
    return image.isMissingNode() || image.isNull() || (image.isArray() && image.isEmpty());
  }

  private static Map<String, String> metadata(JsonNode json) {
    Map<String, String> metadata = new TreeMap<>();
    json.properties()
        .forEach(
            field -> {
              String name = field.getKey();
              JsonNode value = field.getValue();
              if (!KNOWN.contains(name)) {
                MetadataFields.put(metadata, name, value);
              }
            });
    return metadata;
  }
}
