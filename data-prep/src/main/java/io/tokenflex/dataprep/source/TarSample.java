package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The members of one key in a tar shard: images, a caption, a JSON record. */
final class TarSample {
  private static final Set<String> IMAGE_EXTENSIONS =
      Set.of("jpg", "jpeg", "png", "webp", "gif", "bmp");
  private static final String CAPTION_EXTENSION = "txt";
  private static final String JSON_EXTENSION = "json";

  /** Of all members together, for they are held in memory. */
  private static final long MAX_SAMPLE_BYTES = 1L << 30;

  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final String key;
  private final Set<String> suffixes = new HashSet<>();
  private final SortedMap<String, SourceImage> images = new TreeMap<>();
  private byte[] caption;
  private byte[] json;
  private long numBytes;
  private RecordRejectedException refusal;

  TarSample(String key) {
    this.key = key;
  }

  String key() {
    return key;
  }

  /**
   * Takes a member in, or leaves it if it is of no use here.
   *
   * @param suffix what follows the key and its dot, in lower case
   */
  void add(String suffix, long length, InputStream content) throws IOException {
    if (!suffixes.add(suffix)) {
      refuse(
          new RecordRejectedException(
              RejectReason.MALFORMED_RECORD,
              "Key '%s' has two members .%s".formatted(key, suffix),
              suffix));
      return;
    }
    String extension = suffix.substring(suffix.lastIndexOf('.') + 1);
    boolean isImage = IMAGE_EXTENSIONS.contains(extension);
    boolean isCaption = extension.equals(CAPTION_EXTENSION) && caption == null;
    boolean isJson = extension.equals(JSON_EXTENSION) && json == null;
    if (!isImage && !isCaption && !isJson) {
      return;
    }
    numBytes += length;
    if (numBytes > MAX_SAMPLE_BYTES) {
      refuse(
          new RecordRejectedException(
              RejectReason.IMAGE_FILE_TOO_LARGE,
              String.format(
                  Locale.ROOT,
                  "The members of key '%s' have %d bytes or more; at most %d are read",
                  key,
                  numBytes,
                  MAX_SAMPLE_BYTES),
              suffix));
      return;
    }
    byte[] bytes = content.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException(
          String.format(
              Locale.ROOT,
              "member .%s has %d bytes but %d are left",
              suffix,
              length,
              bytes.length));
    }
    if (isImage) {
      images.put(numbersPadded(suffix), new SourceImage.Embedded(key + '.' + suffix, bytes));
    } else if (isCaption) {
      caption = bytes;
    } else {
      json = bytes;
    }
  }

  /** Understands the members. */
  ReadRecord toRecord(long position, SourceOptions options) {
    try {
      return new ReadRecord.Parsed(position, parse(options));
    } catch (RecordRejectedException e) {
      return ReadRecord.Malformed.of(position, key, e);
    }
  }

  private SourceRecord parse(SourceOptions options) throws RecordRejectedException {
    if (refusal != null) {
      throw refusal;
    }
    ObjectNode fields = json == null ? JsonNodeFactory.instance.objectNode() : jsonObject();
    if (caption != null) {
      // Beside it the JSON member holds what a crawler noted, and often the caption once more.
      fields.put(options.column("caption"), Utf8.decode("." + CAPTION_EXTENSION, caption));
    }
    return RecordFields.parse(fields, key, new ArrayList<>(images.values()), options, suffixes);
  }

  private ObjectNode jsonObject() throws RecordRejectedException {
    String text = Utf8.decode("." + JSON_EXTENSION, json);
    try {
      JsonNode record = JSON.readTree(text);
      if (record instanceof ObjectNode object) {
        return object;
      }
      throw new RecordRejectedException(
          RejectReason.MALFORMED_RECORD,
          "The .json member is of type " + record.getNodeType() + "; expected an object",
          text);
    } catch (JsonProcessingException e) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_RECORD,
          "The .json member is not JSON: " + e.getOriginalMessage(),
          text);
    }
  }

  private void refuse(RecordRejectedException reason) {
    if (refusal == null) {
      refusal = reason;
      images.clear();
    }
  }

  /** Writers sort members by name, which would put {@code 10.jpg} before {@code 2.jpg}. */
  private static String numbersPadded(String suffix) {
    String padded =
        NUMBER
            .matcher(suffix)
            .replaceAll(
                number -> "0".repeat(Math.max(0, 20 - number.group().length())) + number.group());
    return padded + '/' + suffix;
  }
}
