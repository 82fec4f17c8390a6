package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The members of one key in a tar shard: images and a text about all of them, which is a caption or
 * a JSON record. A key ends at the first dot, so member names with more dots can be ambiguous;
 * ambiguous samples are rejected.
 */
final class TarSample {
  /** Includes formats that cannot be decoded, so that such samples do not count as text-only. */
  private static final Set<String> IMAGE_EXTENSIONS =
      Set.of(
          "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "dib", "tif", "tiff", "avif",
          "heic", "heif", "jxl", "jp2", "j2k", "ppm", "pgm", "pbm", "pnm", "ico", "tga", "svg");

  private static final String CAPTION_EXTENSION = "txt";
  private static final String JSON_EXTENSION = "json";

  /** Maximum size of a text member. */
  private static final int MAX_TEXT_BYTES = 16 << 20;

  /** A sample is held in memory: limit in multiples of the largest allowed image. */
  private static final int MOST_LARGE_IMAGES = 8;

  private static final long MAX_SAMPLE_BYTES = 1L << 30;

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private final String key;
  private final boolean isSeenBefore;
  private final SourceOptions options;
  private final Set<String> suffixes = new TreeSet<>();
  private final SortedMap<String, SourceImage> images = new TreeMap<>();
  private final Map<String, String> imageByInfix = new TreeMap<>();
  private String captionSuffix;
  private byte[] caption;
  private String jsonSuffix;
  private byte[] json;
  private long numBytes;
  private RecordRejectedException refusal;

  /**
   * Starts a sample.
   *
   * @param isSeenBefore whether the key already occurred earlier in the archive, not adjacent
   */
  TarSample(String key, boolean isSeenBefore, SourceOptions options) {
    this.key = key;
    this.isSeenBefore = isSeenBefore;
    this.options = options;
  }

  String key() {
    return key;
  }

  /** Meaning of a member. */
  private enum Kind {
    IMAGE,
    CAPTION,
    JSON,
    OTHER;

    static Kind of(String extension) {
      return switch (extension) {
        case CAPTION_EXTENSION -> CAPTION;
        case JSON_EXTENSION -> JSON;
        default -> IMAGE_EXTENSIONS.contains(extension) ? IMAGE : OTHER;
      };
    }
  }

  /**
   * Adds a member, or ignores it if its type is not used.
   *
   * @param suffix name after the key and its dot, in lower case
   */
  void add(String suffix, long length, InputStream content) throws IOException {
    Kind kind = admit(suffix);
    if (kind == Kind.OTHER || refusal != null || isTooLong(kind, suffix, length)) {
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
    switch (kind) {
      case IMAGE ->
          images.put(numbersPadded(suffix), new SourceImage.Embedded(key + '.' + suffix, bytes));
      case CAPTION -> caption = bytes;
      default -> json = bytes;
    }
  }

  /** Adds a member that is a link to another member. */
  void addLink(String suffix, String target) {
    if (admit(suffix) != Kind.OTHER) {
      refuse(
          RejectReason.MALFORMED_RECORD,
          "Member .%s of key '%s' is a link to %s; links are not followed, so write the archive"
              + " without (tar --hard-dereference --dereference)",
          suffix,
          suffix,
          key,
          target);
    }
  }

  /** Classifies a member; rejects the sample if it conflicts with earlier members. */
  private Kind admit(String suffix) {
    if (!suffixes.add(suffix)) {
      refuse(RejectReason.MALFORMED_RECORD, "Key '%s' has two members .%s", suffix, key, suffix);
      return Kind.OTHER;
    }
    Kind kind = Kind.of(suffix.substring(suffix.lastIndexOf('.') + 1));
    switch (kind) {
      case IMAGE -> {
        String other = imageByInfix.put(infix(suffix), suffix);
        if (other != null) {
          refuseTwo(other, suffix, "which of them the text is about");
        }
      }
      case CAPTION -> {
        if (captionSuffix != null) {
          refuseTwo(captionSuffix, suffix, "which of them is the answer");
        }
        captionSuffix = suffix;
      }
      case JSON -> {
        if (jsonSuffix != null) {
          refuseTwo(jsonSuffix, suffix, "which of them is the record");
        }
        jsonSuffix = suffix;
      }
      case OTHER -> {
        // Not used here.
      }
    }
    return kind;
  }

  private void refuseTwo(String one, String other, String question) {
    refuse(
        RejectReason.MALFORMED_RECORD,
        "Key '%s' has the members .%s and .%s: %s is unknown. A key ends at the first dot of a name",
        other,
        key,
        one,
        other,
        question);
  }

  private boolean isTooLong(Kind kind, String suffix, long length) {
    long longest = kind == Kind.IMAGE ? options.maxImageBytes() : MAX_TEXT_BYTES;
    RejectReason reason =
        kind == Kind.IMAGE ? RejectReason.IMAGE_FILE_TOO_LARGE : RejectReason.TEXT_TOO_LONG;
    if (length > longest) {
      refuse(
          reason,
          "Member .%s of key '%s' has %d bytes; at most %d are read",
          suffix,
          suffix,
          key,
          length,
          longest);
      return true;
    }
    numBytes += length;
    long most = Math.min(MAX_SAMPLE_BYTES, MOST_LARGE_IMAGES * options.maxImageBytes());
    if (numBytes > most) {
      refuse(
          reason,
          "The members of key '%s' have %d bytes or more; at most %d are read, %d times"
              + " maxImageBytes",
          suffix,
          key,
          numBytes,
          most,
          MOST_LARGE_IMAGES);
      return true;
    }
    return false;
  }

  /** Builds the record. */
  ReadRecord toRecord(long position) {
    try {
      return new ReadRecord.Parsed(position, parse());
    } catch (RecordRejectedException e) {
      return ReadRecord.Malformed.of(position, key, e);
    }
  }

  private SourceRecord parse() throws RecordRejectedException {
    if (refusal != null) {
      throw refusal;
    }
    boolean hasText = caption != null || json != null;
    if (isSeenBefore && (images.isEmpty() || !hasText)) {
      throw refusal(
          RejectReason.MALFORMED_RECORD,
          "Key '%s' came before in this archive, with other members between; those of one key must"
              + " follow each other, as webdataset has them",
          String.join(", ", suffixes),
          key);
    }
    if (!images.isEmpty() && !hasText) {
      throw refusal(
          RejectReason.MISSING_CONVERSATION,
          "Key '%s' has a picture but neither .txt nor .json; the members of one key must follow"
              + " each other",
          String.join(", ", suffixes),
          key);
    }
    requireTextOfAll(captionSuffix);
    requireTextOfAll(jsonSuffix);
    ObjectNode fields = json == null ? JsonNodeFactory.instance.objectNode() : jsonObject();
    if (caption != null) {
      // The .txt caption takes precedence; JSON members contain crawler metadata and often the
      // caption again.
      fields.put(options.column("caption"), Utf8.decode("." + CAPTION_EXTENSION, caption));
    }
    return RecordFields.parse(fields, key, new ArrayList<>(images.values()), options, suffixes);
  }

  /**
   * Rejects a text about one of several images: {@code v1.txt} belongs to {@code v1.jpg} alone,
   * {@code txt} to all.
   */
  private void requireTextOfAll(String textSuffix) throws RecordRejectedException {
    boolean isOfOne =
        textSuffix != null && images.size() > 1 && imageByInfix.containsKey(infix(textSuffix));
    if (isOfOne && !infix(textSuffix).isEmpty()) {
      throw refusal(
          RejectReason.MALFORMED_RECORD,
          "Key '%s' has %d pictures, but .%s is named like one of them. A key ends at the first dot"
              + " of a name",
          textSuffix,
          key,
          images.size(),
          textSuffix);
    }
  }

  private ObjectNode jsonObject() throws RecordRejectedException {
    String text = Utf8.decode("." + JSON_EXTENSION, json);
    try {
      JsonNode record = JsonText.parse(text);
      if (record instanceof ObjectNode object) {
        return object;
      }
      throw refusal(
          RejectReason.MALFORMED_RECORD,
          "The .json member is of type %s; expected an object",
          text,
          record.getNodeType());
    } catch (JsonProcessingException e) {
      throw refusal(
          RejectReason.MALFORMED_RECORD,
          "The .json member is not JSON: %s",
          text,
          e.getOriginalMessage());
    }
  }

  private void refuse(RejectReason reason, String format, String value, Object... arguments) {
    if (refusal == null) {
      refusal = refusal(reason, format, value, arguments);
    }
    // The members of a rejected sample are not needed.
    images.clear();
    caption = null;
    json = null;
  }

  private static RecordRejectedException refusal(
      RejectReason reason, String format, String value, Object... arguments) {
    return new RecordRejectedException(
        reason, String.format(Locale.ROOT, format, arguments), value);
  }

  /** Part between key and extension: {@code v1} of {@code v1.jpg}. */
  private static String infix(String suffix) {
    return suffix.substring(0, Math.max(0, suffix.lastIndexOf('.')));
  }

  /** Sort key with padded numbers, so that {@code 2.jpg} precedes {@code 10.jpg}. */
  private static String numbersPadded(String suffix) {
    String padded =
        NUMBER
            .matcher(suffix)
            .replaceAll(
                number -> "0".repeat(Math.max(0, 20 - number.group().length())) + number.group());
    return padded + '/' + suffix;
  }
}
