package io.tokenflex.text;

import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.List;

/** Renders and tokenizes conversations in the format that a model expects. */
public interface ChatTemplate {
  /**
   * Tokenizes a conversation for training. Supervised: the text of each assistant turn and the
   * token that ends the turn.
   *
   * @throws IllegalArgumentException naming the sample if nothing is supervised, the supervised
   *     span cannot be determined exactly, or its text contains a special token
   */
  TokenizedSample encode(Sample sample);

  /**
   * Tokenizes a conversation up to a question, followed by the start of the assistant's turn, for
   * generation.
   *
   * @param id for messages
   * @throws IllegalArgumentException naming {@code id} if the text contains a special token
   */
  TokenizedSample encodePrompt(String id, List<Turn> turns, List<EncodedImage> images);

  /** Id of the image placeholder. */
  long imageTokenId();

  /** Id of the token that ends a turn and thus generation. */
  long endOfTurnId();
}
