package io.tokenflex.text;

import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.List;

/** Conversations to token ids, the way one model expects them. */
public interface ChatTemplate {
  /**
   * A whole conversation, for training. Supervised are each assistant turn's words and the token
   * that ends the turn.
   *
   * @throws IllegalArgumentException naming the sample if nothing in it would be supervised, what
   *     is supervised cannot be told exactly, or its text holds a special token
   */
  TokenizedSample encode(Sample sample);

  /**
   * Turns up to a question, and the start of the assistant's answer, for generation.
   *
   * @param id for messages
   * @throws IllegalArgumentException naming {@code id} if the text holds a special token
   */
  TokenizedSample encodePrompt(String id, List<Turn> turns, List<EncodedImage> images);

  /** Placeholder of one vision token. */
  long imageTokenId();

  /** Ends a turn, and so ends generation. */
  long endOfTurnId();
}
