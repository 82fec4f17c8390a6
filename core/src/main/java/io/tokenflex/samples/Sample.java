package io.tokenflex.samples;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One training or evaluation example: pictures and the conversation about them.
 *
 * <p>The texts hold {@link #IMAGE_MARK} once for every image, in order; how many vision tokens each
 * mark becomes is drawn while training.
 *
 * @param id unique within a dataset
 * @param images in the order of their marks
 * @param conversation at least one turn
 * @param source where the sample came from, for messages to people
 * @param metadata free key/value pairs, for instance the kind of question
 */
public record Sample(
    String id,
    List<EncodedImage> images,
    List<Turn> conversation,
    String source,
    Map<String, String> metadata) {

  /** Marks the place of an image in a turn's text. */
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

  /** How often {@link #IMAGE_MARK} stands in {@code text}. */
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
