package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
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
 * Takes LLaVA records apart: {@code {"id": ..., "image": NAME or [NAMES], "conversations":
 * [{"from": "human", "value": ...}, {"from": "gpt", "value": ...}]}}. {@code images} means the same
 * as {@code image}. Checks the form, not the contents.
 */
final class LlavaParser {
  private static final String ID = "id";
  private static final String IMAGE = "image";
  private static final String IMAGES = "images";
  private static final String CONVERSATIONS = "conversations";

  private static final Set<String> KNOWN = Set.of(ID, IMAGE, IMAGES, CONVERSATIONS);

  private LlavaParser() {}

  /** The id if the record has one, for the rejects table; else empty. */
  static String idOrEmpty(RawRecord raw) {
    JsonNode id = raw.json().path(ID);
    return id.isValueNode() && !id.isNull() ? id.asText() : "";
  }

  static SourceRecord parse(RawRecord raw, SourceOptions options) throws RecordRejectedException {
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
    return new SourceRecord(
        id,
        images(json, options),
        ConversationParser.turns(CONVERSATIONS, json.path(CONVERSATIONS)),
        metadata(json));
  }

  /**
   * None for a record of text alone, as LLaVA's mixes hold them: no mark of a picture in its texts,
   * and no field that names one (pandas writes null or an empty list where a key is missing). A
   * mark without its picture is refused later.
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
              boolean isKnown = KNOWN.contains(name);
              if (!isKnown && value.isValueNode() && !value.isNull()) {
                metadata.put(name, value.asText());
              }
            });
    return metadata;
  }
}
