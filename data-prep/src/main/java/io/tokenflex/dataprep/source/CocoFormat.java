package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import io.tokenflex.dataprep.source.JsonScanner.ShapeException;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * COCO captions: one JSON document with the lists {@code images} and {@code annotations}, in any
 * order. Each annotation is a record. The driver reads the document once and adds the image file
 * names to each split.
 */
final class CocoFormat implements SourceFormat {
  private static final long serialVersionUID = 1;

  /** Reads one value and ignores what follows. */
  private static final ObjectReader ELEMENT =
      JsonText.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

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
    if (JsonText.firstCharacter(head) != '{') {
      return false;
    }
    try (JsonParser parser = JsonText.MAPPER.getFactory().createParser(head)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        boolean isList = parser.nextToken() == JsonToken.START_ARRAY;
        if (isList && (name.equals(IMAGES) || name.equals(ANNOTATIONS))) {
          boolean isImages = name.equals(IMAGES);
          JsonToken first = parser.nextToken();
          if (first == JsonToken.END_ARRAY && isImages) {
            continue; // a text-only LLaVA record can start like this, so look further
          }
          return first == JsonToken.END_ARRAY
              || (first == JsonToken.START_OBJECT
                  && ELEMENT
                      .readValue(parser, JsonNode.class)
                      .has(isImages ? FILE_NAME : IMAGE_ID));
        }
        parser.skipChildren();
      }
      return false;
    } catch (IOException e) {
      // Not JSON, or the head ends before the first list.
      return false;
    }
  }

  @Override
  public List<SourceSplit> plan(SourceFile file, SourceOptions options) throws IOException {
    JsonRecords.requireUtf8(file, file.head());
    Map<String, String> fileNames = new HashMap<>();
    List<Annotation> annotations = new ArrayList<>();
    long end;
    try (InputStream stream = file.open()) {
      JsonScanner scanner = new JsonScanner(stream, 0, JsonText.MAX_RECORD_BYTES);
      end = walk(scanner, fileNames, annotations);
    } catch (ShapeException e) {
      throw new InvalidInputException(
          file.path()
              + " is not a whole COCO document: "
              + e.getMessage()
              + "; repair it or fetch it again",
          e);
    }
    SplitCollector splits = new SplitCollector();
    for (Annotation annotation : annotations) {
      splits.add(annotation.offset(), fileNames.getOrDefault(annotation.imageId(), ""));
    }
    return splits.finish(end);
  }

  /** Byte offset of an annotation and the id of its image. */
  private record Annotation(long offset, String imageId) {}

  /** Collects file names and annotations; returns the offset of the annotations' end. */
  private static long walk(
      JsonScanner scanner, Map<String, String> fileNames, List<Annotation> annotations)
      throws IOException, ShapeException {
    long end = -1;
    scanner.skipByteOrderMark();
    scanner.take('{');
    boolean hasMore = !scanner.takeIf('}');
    while (hasMore) {
      String name = name(scanner);
      boolean isList = scanner.next() == '[';
      if (isList && name.equals(IMAGES)) {
        walkList(
            scanner,
            offset -> {
              JsonNode image = JsonRecords.parseOrMissing(scanner.value(), offset);
              if (image.hasNonNull(ID) && image.path(FILE_NAME).isTextual()) {
                fileNames.put(key(image.get(ID)), image.get(FILE_NAME).textValue());
              }
            });
      } else if (isList && name.equals(ANNOTATIONS)) {
        if (end >= 0) {
          throw new ShapeException(scanner.position(), "there are two lists of annotations");
        }
        end =
            walkList(
                scanner,
                offset -> {
                  JsonNode annotation = JsonRecords.parseOrMissing(scanner.value(), offset);
                  annotations.add(new Annotation(offset, key(annotation.path(IMAGE_ID))));
                });
      } else {
        scanner.scanValue();
      }
      hasMore = scanner.moreElements('}');
    }
    scanner.requireEnd();
    if (end < 0) {
      throw new ShapeException(scanner.position(), "there is no list of annotations");
    }
    return end;
  }

  private static String name(JsonScanner scanner) throws IOException, ShapeException {
    if (scanner.next() != '"') {
      throw new ShapeException(scanner.position(), "expected the name of a field");
    }
    long offset = scanner.position();
    scanner.scanValue();
    String name = JsonRecords.parseOrMissing(scanner.value(), offset).asText();
    scanner.take(':');
    return name;
  }

  /**
   * Visits the offset of each element, which the scanner holds as its value; returns the offset of
   * the list's end.
   */
  private static long walkList(JsonScanner scanner, LongConsumer visitor)
      throws IOException, ShapeException {
    scanner.take('[');
    boolean hasMore = !scanner.takeIf(']');
    while (hasMore) {
      long offset = scanner.position();
      scanner.scanValue();
      visitor.accept(offset);
      hasMore = scanner.moreElements(']');
    }
    return scanner.position();
  }

  /** An id as text; pandas writes the integer 0 as 0.0, which must be equal. */
  private static String key(JsonNode id) {
    if (!id.isFloatingPointNumber()) {
      return id.asText();
    }
    double value = id.doubleValue();
    boolean isWhole = value == Math.rint(value) && Math.abs(value) < 1L << 53;
    return isWhole ? Long.toString((long) value) : id.asText();
  }

  @Override
  public void read(SourceFile file, SourceSplit split, SourceOptions options, RecordSink sink)
      throws IOException {
    try (FSDataInputStream stream = file.open()) {
      stream.seek(split.offset());
      JsonRecords.readElements(
          stream,
          split,
          raw -> {
            int number = (int) (raw.position() - split.firstPosition());
            if (number < split.imageNames().size()) {
              sink.accept(parse(raw, split.imageNames().get(number), options));
            }
          });
    }
  }

  private static ReadRecord parse(RawRecord raw, String imageName, SourceOptions options) {
    String recordId = "";
    try {
      JsonNode annotation = raw.json();
      String id = annotation.path(ID).asText();
      recordId = id.isEmpty() ? "" : "coco-" + id;
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
              if (!isUsed) {
                MetadataFields.put(metadata, field.getKey(), field.getValue());
              }
            });
    return metadata;
  }
}
