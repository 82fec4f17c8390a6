package io.tokenflex.text;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.ArrayList;
import java.util.List;

/**
 * ChatML, Qwen's format: {@code <|im_start|>role\ntext<|im_end|>\n}.
 *
 * <p>Supervised: the assistant's text and the {@code <|im_end|>} that ends it. Markup and text are
 * tokenized separately, as during generation, so the supervised span is exact and no text offsets
 * are mapped to tokens.
 */
public final class ChatMlTemplate implements ChatTemplate {
  private static final String START = "<|im_start|>";
  private static final String END = "<|im_end|>";

  private final Tokenizer tokenizer;
  private final long startId;
  private final long endId;
  private final long imageId;
  private final long[] newline;

  /**
   * Resolves the template's special tokens.
   *
   * @throws IllegalArgumentException if the tokenizer lacks one of them
   */
  public ChatMlTemplate(Tokenizer tokenizer) {
    this.tokenizer = requireNonNull(tokenizer, "tokenizer");
    this.startId = tokenizer.specialTokenId(START);
    this.endId = tokenizer.specialTokenId(END);
    this.imageId = tokenizer.specialTokenId(Sample.IMAGE_MARK);
    this.newline = tokenizer.encode("\n");
  }

  @Override
  public long imageTokenId() {
    return imageId;
  }

  @Override
  public long endOfTurnId() {
    return endId;
  }

  @Override
  public TokenizedSample encode(Sample sample) {
    Builder builder = new Builder(sample.id());
    for (Turn turn : sample.conversation()) {
      builder.turn(turn);
    }
    if (!builder.anySupervised()) {
      throw new InvalidInputException(
          "Sample %s (%s): no assistant turn, so nothing to learn; drop the sample"
              .formatted(sample.id(), sample.source()));
    }
    return builder.build(sample.images());
  }

  @Override
  public TokenizedSample encodePrompt(String id, List<Turn> turns, List<EncodedImage> images) {
    Builder builder = new Builder(id);
    for (Turn turn : turns) {
      builder.turn(turn);
    }
    builder.head(Role.ASSISTANT);
    return builder.build(images);
  }

  private final class Builder {
    private final String sampleId;
    private final List<Long> ids = new ArrayList<>();
    private final List<Boolean> supervised = new ArrayList<>();

    Builder(String sampleId) {
      this.sampleId = sampleId;
    }

    void turn(Turn turn) {
      boolean target = turn.role() == Role.ASSISTANT;
      head(turn.role());
      int from = 0;
      String text = turn.text();
      for (int at = text.indexOf(Sample.IMAGE_MARK); at >= 0; ) {
        words(text.substring(from, at), target);
        add(false, imageId);
        from = at + Sample.IMAGE_MARK.length();
        at = text.indexOf(Sample.IMAGE_MARK, from);
      }
      words(text.substring(from), target);
      add(target, endId);
      add(false, newline);
    }

    void head(Role role) {
      add(false, startId);
      add(false, tokenizer.encode(role.wireName() + "\n"));
    }

    boolean anySupervised() {
      return supervised.contains(true);
    }

    TokenizedSample build(List<EncodedImage> images) {
      boolean[] flags = new boolean[supervised.size()];
      for (int i = 0; i < flags.length; i++) {
        flags[i] = supervised.get(i);
      }
      return new TokenizedSample(
          sampleId, ids.stream().mapToLong(Long::longValue).toArray(), flags, images);
    }

    private void words(String text, boolean target) {
      SpecialTokens.check(tokenizer, sampleId, text);
      if (!text.isEmpty()) {
        add(target, tokenizer.encode(text));
      }
    }

    private void add(boolean target, long... tokens) {
      for (long token : tokens) {
        ids.add(token);
        supervised.add(target);
      }
    }
  }
}
