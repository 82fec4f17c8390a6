package io.tokenflex.text;

import io.tokenflex.failure.InvalidInputException;

/** Rejects texts that contain a special token of the tokenizer. */
final class SpecialTokens {
  private SpecialTokens() {}

  /**
   * Checks the text between image marks.
   *
   * @throws IllegalArgumentException naming the sample and the special token
   */
  static void check(Tokenizer tokenizer, String sampleId, String text) {
    for (String special : tokenizer.specialTokens()) {
      if (text.contains(special)) {
        throw new InvalidInputException(
            "Sample %s: its text holds the special token %s; remove it from the text"
                .formatted(sampleId, special));
      }
    }
  }
}
