package io.tokenflex.batches;

import static java.util.Objects.requireNonNull;

import io.tokenflex.samples.Sample;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.VisionTokenCount;

/**
 * Tokenizes samples for one model and rejects those that it cannot be trained on. Training and the
 * checks before it ({@code inspect}, {@code prepare}) share this class, so they agree.
 *
 * <p>Images are not decoded; only their sizes are used.
 */
public final class SampleEncoder {
  private final ChatTemplate template;
  private final Collator collator;

  public SampleEncoder(ChatTemplate template, Collator collator) {
    this.template = requireNonNull(template, "template");
    this.collator = requireNonNull(collator, "collator");
  }

  /**
   * Tokenizes a sample and checks its length.
   *
   * @param count vision tokens per image or tile at which the sample must fit
   * @throws BadSampleException if the sample cannot be trained on
   */
  public TokenizedSample encode(Sample sample, VisionTokenCount count) {
    TokenizedSample tokenized = tokenize(sample);
    check(tokenized, count);
    return tokenized;
  }

  /**
   * Tokenizes a sample without a limit on its length.
   *
   * @throws BadSampleException if the chat template rejects it or none of its tokens is supervised
   */
  public TokenizedSample tokenize(Sample sample) {
    TokenizedSample tokenized;
    try {
      tokenized = template.encode(sample);
    } catch (
        RuntimeException
            e) { // chat templates are programs shipped with a model and can throw anything
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
   * Checks the length of a sample, tiles included.
   *
   * @throws BadSampleException if it exceeds the model's positions at {@code count}
   */
  public void check(TokenizedSample sample, VisionTokenCount count) {
    collator.check(sample, count);
  }

  /** Length in tokens when each tile of each image becomes {@code count} vision tokens. */
  public int lengthAt(TokenizedSample sample, VisionTokenCount count) {
    return collator.lengthAt(sample, count);
  }
}
