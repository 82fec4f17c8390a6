package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * COCO captions: one document with the lists {@code images} and {@code annotations}, in either
 * order. Each annotation is a record. The driver walks the document once and hands every split the
 * file names of its images.
 */
final class CocoFormat implements SourceFormat {
  private static final long serialVersionUID = 1;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String IMAGES = "images";
  private static final String ANNOTATIONS = "annotations";
  private static final String ID = "id";
  private static final String IMAGE_ID = "image_id";
  private static final String FILE_NAME = "file_name";
  private static final String CAPTION = "caption";

  @Override
  public String name() {
    return "coco";
  }

  @Override
  public boolean recognises(String fileName, byte[] head) {
    if (JsonRecords.firstCharacter(head) != '{') {
      return false;
    }
    try (JsonParser parser = JSON.getFactory().createParser(head)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        boolean isList = parser.nextToken() == JsonToken.START_ARRAY;
        if (isList && (name.equals(IMAGES) || name.equals(ANNOTATIONS))) {
          boolean isImages = name.equals(IMAGES);
          JsonToken first = parser.nextToken();
          if (first == JsonToken.END_ARRAY && isImages) {
            continue; // so does a line of LLaVA's that is text alone
          }
          return first == JsonToken.END_ARRAY
              || (first == JsonToken.START_OBJECT
                  && readNode(parser).has(isImages ? FILE_NAME : IMAGE_ID));
        }
        parser.skipChildren();
      }
      return false;
    } catch (IOException e) {
      // Not JSON, or more than the head before the first list.
      return false;
    }
  }

  @Override
  public List<SourceSplit> plan(SourceFile file, SourceOptions options) throws IOException {
    Map<String, String> fileNames = new HashMap<>();
    List<Annotation> annotations = new ArrayList<>();
    try (InputStream stream = file.open();
        JsonParser parser =
            JSON.getFactory().createParser(stream).disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)) {
      walk(parser, fileNames, annotations);
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s is not a whole COCO document: at byte %d: %s; repair it or fetch it again",
              file.path(),
              e.getLocation().getByteOffset(),
              e.getOriginalMessage()),
          e);
    }
    SplitCollector splits = new SplitCollector();
    for (Annotation annotation : annotations) {
      splits.add(annotation.offset(), fileNames.getOrDefault(annotation.imageId(), ""));
    }
    return splits.finish();
  }

  /** Where an annotation starts, and whose it is. */
  private record Annotation(long offset, String imageId) {}

  private static void walk(
      JsonParser parser, Map<String, String> fileNames, List<Annotation> annotations)
      throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new JsonParseException(parser, "the document is not an object");
    }
    boolean hasAnnotations = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      boolean isList = parser.nextToken() == JsonToken.START_ARRAY;
      if (isList && name.equals(IMAGES)) {
        while (startsElement(parser)) {
          JsonNode image = readNode(parser);
          if (image.hasNonNull(ID) && image.path(FILE_NAME).isTextual()) {
            fileNames.put(image.get(ID).asText(), image.get(FILE_NAME).textValue());
          }
        }
      } else if (isList && name.equals(ANNOTATIONS)) {
        if (hasAnnotations) {
          throw new JsonParseException(parser, "there are two lists of annotations");
        }
        hasAnnotations = true;
        while (startsElement(parser)) {
          long offset = parser.currentTokenLocation().getByteOffset();
          JsonNode annotation = readNode(parser);
          annotations.add(new Annotation(offset, annotation.path(IMAGE_ID).asText()));
        }
      } else {
        parser.skipChildren();
      }
    }
    if (parser.currentToken() != JsonToken.END_OBJECT) {
      throw new JsonParseException(parser, "the document does not end");
    }
    if (!hasAnnotations) {
      throw new JsonParseException(parser, "there is no list of annotations");
    }
  }

  private static JsonNode readNode(JsonParser parser) throws IOException {
    return JSON.readTree(parser);
  }

  private static boolean startsElement(JsonParser parser) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw new JsonParseException(parser, "a list does not end");
    }
    return token != JsonToken.END_ARRAY;
  }

  @Override
  public void read(SourceFile file, SourceSplit split, SourceOptions options, RecordSink sink)
      throws IOException {
    List<RawRecord> annotations;
    try (FSDataInputStream stream = file.open()) {
      stream.seek(split.offset());
      annotations = JsonRecords.readArray(stream, split);
    }
    for (int i = 0; i < annotations.size(); i++) {
      sink.accept(parse(annotations.get(i), split.imageNames().get(i), options));
    }
  }

  private static ReadRecord parse(RawRecord raw, String imageName, SourceOptions options) {
    JsonNode annotation = raw.json();
    String id = annotation.path(ID).asText();
    String recordId = id.isEmpty() ? "" : "coco-" + id;
    try {
      check(annotation, imageName);
      return new ReadRecord.Parsed(
          raw.position(),
          new SourceRecord(
              recordId,
              List.of(new SourceImage.Named(imageName)),
              ConversationParser.withMarks(
                  ConversationParser.exchange(
                      options.captionPrompt(), annotation.get(CAPTION).textValue()),
                  1),
              metadata(annotation)));
    } catch (RecordRejectedException e) {
      return ReadRecord.Malformed.of(raw.position(), recordId, e);
    }
  }

  private static void check(JsonNode annotation, String imageName) throws RecordRejectedException {
    if (!annotation.hasNonNull(ID)) {
      throw new RecordRejectedException(
          RejectReason.MISSING_ID, "The annotation has no id", annotation.toString());
    }
    if (!annotation.path(CAPTION).isTextual()) {
      throw new RecordRejectedException(
          RejectReason.MISSING_CONVERSATION,
          "The annotation has no caption; of COCO's files only those with captions are understood",
          annotation.toString());
    }
    if (imageName.isEmpty()) {
      throw new RecordRejectedException(
          RejectReason.IMAGE_MISSING,
          "image_id is '%s', but images holds none of that id with a file_name"
              .formatted(annotation.path(IMAGE_ID).asText()),
          annotation.toString());
    }
  }

  private static Map<String, String> metadata(JsonNode annotation) {
    Map<String, String> metadata = new TreeMap<>();
    annotation
        .properties()
        .forEach(
            field -> {
              boolean isUsed = field.getKey().equals(ID) || field.getKey().equals(CAPTION);
              if (!isUsed && field.getValue().isValueNode() && !field.getValue().isNull()) {
                metadata.put(field.getKey(), field.getValue().asText());
              }
            });
    return metadata;
  }
}
