package io.tokenflex.text;

import io.tokenflex.samples.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Converts a turn to the list of content parts that templates of multimodal models expect: {@code
 * {type: image}} for each {@link Sample#IMAGE_MARK} and {@code {type: text, text: ...}} for the
 * text between.
 */
final class ContentParts {
  private static final String TYPE = "type";
  private static final String TEXT = "text";

  private ContentParts() {}

  /**
   * The parts in order. A newline between a mark and text is dropped, because the template decides
   * what separates them.
   */
  static List<Map<String, Object>> of(String turn) {
    List<Map<String, Object>> parts = new ArrayList<>();
    String[] words = turn.split(Sample.IMAGE_MARK, -1);
    for (int i = 0; i < words.length; i++) {
      boolean afterMark = i > 0;
      boolean beforeMark = i < words.length - 1;
      if (afterMark) {
        parts.add(Map.of(TYPE, "image"));
      }
      String text = words[i];
      if (afterMark && text.startsWith("\n")) {
        text = text.substring(1);
      }
      if (beforeMark && text.endsWith("\n")) {
        text = text.substring(0, text.length() - 1);
      }
      if (!text.isEmpty() || words.length == 1) {
        parts.add(Map.of(TYPE, TEXT, TEXT, text));
      }
    }
    return parts;
  }
}
