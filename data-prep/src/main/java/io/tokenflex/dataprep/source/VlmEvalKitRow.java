package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import io.tokenflex.samples.Sample;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A question of a VLMEvalKit table. */
final class VlmEvalKitRow {
  static final String INDEX = "index";
  static final String IMAGE = "image";
  static final String IMAGE_PATH = "image_path";
  static final String QUESTION = "question";
  static final List<String> REQUIRED = List.of(INDEX, QUESTION, "answer");
  private static final String HINT = "hint";
  private static final String ANSWER = "answer";

  /** MMMU marks the positions of its images in the text. */
  private static final Pattern NUMBERED_MARK = Pattern.compile("<image (\\d+)>");

  private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");

  private static final Pattern CHINESE = Pattern.compile("[\u4e00-\u9fff]");

  private final String idPrefix;
  private final ObjectNode fields;

  VlmEvalKitRow(String idPrefix, ObjectNode fields) {
    this.idPrefix = idPrefix;
    this.fields = fields;
  }

  /** Indices start at 0 in every table; prefixed with the table's name to be unique. */
  String id() {
    return idPrefix + '-' + text(INDEX);
  }

  SourceRecord toRecord() throws RecordRejectedException {
    if (text(INDEX).isEmpty()) {
      throw new RecordRejectedException(
          RejectReason.MISSING_ID, "The row has no index", text(QUESTION));
    }
    if (text(QUESTION).isEmpty() || text(ANSWER).isEmpty()) {
      throw new RecordRejectedException(
          RejectReason.MISSING_CONVERSATION,
          "The row has no question or no answer; test splits without answers cannot be trained on",
          text(QUESTION));
    }
    List<SourceImage> images = images();
    String prompt = prompt();
    Matcher mark = NUMBERED_MARK.matcher(prompt);
    if (mark.find()) {
      images = imagesInText(mark, images);
      prompt = mark.reset().replaceAll(Sample.IMAGE_MARK);
    } else {
      prompt = ConversationParser.marks(images.size()) + prompt;
    }
    return new SourceRecord(
        id(), images, ConversationParser.exchange(prompt, text(ANSWER)), metadata());
  }

  /** As in {@code build_prompt} of VLMEvalKit's LLaVA wrapper, vlmeval/vlm/llava. */
  private String prompt() {
    StringBuilder prompt = new StringBuilder();
    if (!text(HINT).isEmpty()) {
      prompt.append(text(HINT)).append('\n');
    }
    prompt.append(text(QUESTION));
    boolean hasOptions = false;
    for (char option = 'A'; option <= 'Z'; option++) {
      String value = text(String.valueOf(option));
      if (!value.isEmpty()) {
        prompt.append('\n').append(option).append(". ").append(value);
        hasOptions = true;
      }
    }
    boolean isChinese = CHINESE.matcher(prompt).find();
    if (hasOptions) {
      prompt.append(
          isChinese
              ? "\n请直接回答选项字母。"
              : "\nAnswer with the option's letter from the given choices directly.");
    } else {
      prompt.append(isChinese ? "\n请直接回答问题。" : "\nAnswer the question directly.");
    }
    return prompt.toString();
  }

  private static List<SourceImage> imagesInText(Matcher mark, List<SourceImage> images)
      throws RecordRejectedException {
    List<SourceImage> inText = new ArrayList<>();
    mark.reset();
    while (mark.find()) {
      String digits = mark.group(1);
      int number = digits.length() > 4 ? 0 : Integer.parseInt(digits);
      if (number < 1 || number > images.size()) {
        throw new RecordRejectedException(
            RejectReason.IMAGE_MARK_MISMATCH,
            String.format(
                Locale.ROOT,
                "The text has %s but the row has %d images",
                mark.group(),
                images.size()),
            mark.group());
      }
      inText.add(images.get(number - 1));
    }
    return inText;
  }

  private List<SourceImage> images() throws RecordRejectedException {
    List<SourceImage> images = new ArrayList<>();
    if (!text(IMAGE).isEmpty()) {
      for (String base64 : PythonList.parse(IMAGE, text(IMAGE))) {
        images.add(embedded(images.size(), base64));
      }
    } else if (!text(IMAGE_PATH).isEmpty()) {
      for (String name : PythonList.parse(IMAGE_PATH, text(IMAGE_PATH))) {
        images.add(new SourceImage.Named(name));
      }
    } else {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_IMAGE_FIELD,
          "The row has neither image nor image_path; VLMEvalKit leaves such rows out too",
          text(QUESTION));
    }
    return images;
  }

  private SourceImage embedded(int number, String base64) throws RecordRejectedException {
    if (base64.length() <= VlmEvalKitFormat.MAX_INDEX_CHARS) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_IMAGE_FIELD,
          "image is '%s': too short for base64, and no row of that index holds an image"
              .formatted(base64),
          base64);
    }
    String digits = base64.startsWith("data:") ? base64.substring(base64.indexOf(',') + 1) : base64;
    try {
      // Python's encoder inserts line ends, which its decoder ignores.
      byte[] bytes = Base64.getDecoder().decode(WHITE_SPACE.matcher(digits).replaceAll(""));
      return new SourceImage.Embedded(
          String.format(Locale.ROOT, "image %d of %s", number, id()), bytes);
    } catch (IllegalArgumentException e) {
      throw new RecordRejectedException(
          RejectReason.MALFORMED_IMAGE_FIELD,
          String.format(Locale.ROOT, "image %d is not base64: %s", number, e.getMessage()),
          base64);
    }
  }

  private Map<String, String> metadata() {
    Set<String> used = new HashSet<>(List.of(INDEX, IMAGE, IMAGE_PATH, QUESTION, HINT, ANSWER));
    for (char option = 'A'; option <= 'Z'; option++) {
      used.add(String.valueOf(option));
    }
    Map<String, String> metadata = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      if (!used.contains(field.getKey())) {
        metadata.put(field.getKey(), field.getValue().asText());
      }
    }
    return metadata;
  }

  private String text(String column) {
    return fields.path(column).asText();
  }
}
