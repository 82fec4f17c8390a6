package io.tokenflex.batches;

import static java.util.Objects.requireNonNull;

import io.tokenflex.samples.Sample;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.VisionTokenCount;

/**
 * Tokenizes samples for one model and refuses those that it cannot be trained on. Training asks it
 * for every sample; whoever looks at a dataset before asks the same, so both say the same.
 *
 * <p>Pictures are not decoded here: only their sizes count.
 */
public final class SampleEncoder {
  private final ChatTemplate template;
  private final Collator collator;

  public SampleEncoder(ChatTemplate template, Collator collator) {
    this.template = requireNonNull(template, "template");
    this.collator = requireNonNull(collator, "collator");
  }

  /**
   * A sample's tokens, if they are not too many.
   *
   * @param count of vision tokens at which its length must fit
   * @throws BadSampleException if it cannot be trained on
   */
  public TokenizedSample encode(Sample sample, VisionTokenCount count) {
    TokenizedSample tokenized = tokenize(sample);
    check(tokenized, count);
    return tokenized;
  }

  /**
   * A sample's tokens, however many.
   *
   * @throws BadSampleException if the template refuses it or nothing of it is supervised
   */
  public TokenizedSample tokenize(Sample sample) {
    TokenizedSample tokenized;
    try {
      tokenized = template.encode(sample);
    } catch (RuntimeException e) { // templates are programs that came with a model
      throw new BadSampleException(
          sample.id(),
          e instanceof IllegalArgumentException
              ? e.getMessage()
              : "Sample " + sample.id() + " cannot be tokenized: " + e,
          e);
    }
    for (boolean supervised : tokenized.supervised()) {
      if (supervised) {
        return tokenized;
      }
    }
    throw new BadSampleException(
        sample.id(),
        "Sample " + sample.id() + ": no token of an answer is left, so nothing to learn",
        null);
  }

  /**
   * Checks a sample's length, tiles included.
   *
   * @throws BadSampleException if it is longer at {@code count} than the model has positions
   */
  public void check(TokenizedSample sample, VisionTokenCount count) {
    collator.check(sample, count);
  }

  /** Tokens of a sample once each tile of its images has become {@code count} vision tokens. */
  public int lengthAt(TokenizedSample sample, VisionTokenCount count) {
    return collator.lengthAt(sample, count);
  }
}
