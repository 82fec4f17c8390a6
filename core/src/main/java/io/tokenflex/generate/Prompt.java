package io.tokenflex.generate;

import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Turn;
import java.util.List;

/**
 * A conversation that ends with a question.
 *
 * @param turns the last one is the user's; image marks as in {@link io.tokenflex.samples.Sample}
 * @param images in the order of their marks
 */
public record Prompt(List<Turn> turns, List<EncodedImage> images) {
  public Prompt {
    turns = List.copyOf(turns);
    images = List.copyOf(images);
  }

  /** The user's turn that is to be answered. */
  public Turn question() {
    return turns.get(turns.size() - 1);
  }
}
