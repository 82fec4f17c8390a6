package io.tokenflex.score.caption;

import io.tokenflex.failure.InvalidInputException;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One caption and its references for each picture.
 *
 * @param captions one a picture
 * @param references at least one for each caption
 */
public record CaptionSet(List<String> captions, List<List<String>> references) {
  /**
   * Checks that every caption has references.
   *
   * @throws InvalidInputException if there is no caption, or one without references
   */
  public CaptionSet {
    captions = List.copyOf(captions);
    references = references.stream().map(List::copyOf).toList();
    if (captions.isEmpty() || captions.size() != references.size()) {
      throw new InvalidInputException(
          captions.size()
              + " captions against "
              + references.size()
              + " lists of references; expected as many, and at least one");
    }
    for (int i = 0; i < references.size(); i++) {
      if (references.get(i).isEmpty()) {
        throw new InvalidInputException("Caption " + i + " has no reference");
      }
    }
  }

  /** The same pictures with every text rewritten. */
  public CaptionSet map(UnaryOperator<String> rewrite) {
    return new CaptionSet(
        captions.stream().map(rewrite).toList(),
        references.stream().map(texts -> texts.stream().map(rewrite).toList()).toList());
  }

  /** Some of the pictures, one as often as its number stands there. */
  public CaptionSet select(int[] pictures) {
    return new CaptionSet(
        Arrays.stream(pictures).mapToObj(captions::get).toList(),
        Arrays.stream(pictures).mapToObj(references::get).toList());
  }
}
