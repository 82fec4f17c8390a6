package io.tokenflex.data;

import static java.util.Objects.requireNonNull;

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
   * A sample's tokens.
   *
   * @param count of vision tokens at which its length must fit
   * @throws BadSampleException if the template refuses it, nothing of it is supervised, or it is
   *     longer than the model
   */
  public TokenizedSample encode(Sample sample, VisionTokenCount count) {
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
    boolean anySupervised = false;
    for (boolean supervised : tokenized.supervised()) {
      anySupervised |= supervised;
    }
    if (!anySupervised) {
      throw new BadSampleException(
          sample.id(),
          "Sample " + sample.id() + ": no token of an answer is left, so nothing to learn",
          null);
    }
    collator.check(tokenized, count);
    return tokenized;
  }
}
