package io.tokenflex.samples;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One training or evaluation example: images and the conversation about them.
 *
 * <p>The texts contain {@link #IMAGE_MARK} once per image, in order. How many vision tokens a mark
 * becomes is drawn for each step.
 *
 * @param id unique within a dataset
 * @param images in the order of their marks
 * @param conversation at least one turn
 * @param source provenance, for messages
 * @param metadata free key/value pairs, for instance the type of a question
 */
public record Sample(
    String id,
    List<EncodedImage> images,
    List<Turn> conversation,
    String source,
    Map<String, String> metadata) {

  /** Placeholder of an image in a turn's text. */
  public static final String IMAGE_MARK = "<image>";

  public Sample {
    requireNonNull(id, "id");
    requireNonNull(source, "source");
    images = List.copyOf(images);
    conversation = List.copyOf(conversation);
    metadata = Map.copyOf(metadata);
    int marks = 0;
    for (Turn turn : conversation) {
      marks += countImageMarks(turn.text());
    }
    if (marks != images.size()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Sample %s (%s): %d images but %d %s marks; fix the conversation or drop the sample",
              id,
              source,
              images.size(),
              marks,
              IMAGE_MARK));
    }
  }

  /** Number of occurrences of {@link #IMAGE_MARK} in {@code text}. */
  public static int countImageMarks(String text) {
    int count = 0;
    for (int at = text.indexOf(IMAGE_MARK);
        at >= 0;
        at = text.indexOf(IMAGE_MARK, at + IMAGE_MARK.length())) {
      count++;
    }
    return count;
  }
}
