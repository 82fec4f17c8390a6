package io.tokenflex.generate;

import io.tokenflex.generate.Answer.Cost;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The text of an answer in pieces, each generated when it is asked for. The pieces joined are the
 * answer's text.
 */
public final class AnswerStream implements Iterator<String>, AutoCloseable {
  private final Optional<Generation> generation;
  private final StringBuilder heard = new StringBuilder();
  private Optional<Answer> whole = Optional.empty();
  private UnaryOperator<Cost> cost = UnaryOperator.identity();

  AnswerStream(Function<TokenListener, Generation> start) {
    this.generation = Optional.of(start.apply((prompt, token, text) -> heard.append(text)));
  }

  private AnswerStream(Answer answer) {
    this.generation = Optional.empty();
    this.whole = Optional.of(answer);
    heard.append(answer.text());
  }

  /** An answer that is there already, in one piece. */
  public static AnswerStream of(Answer answer) {
    return new AnswerStream(answer);
  }

  /** The same stream, whose answer tells another cost than that of its own prompt. */
  public AnswerStream withCost(UnaryOperator<Cost> of) {
    cost = of;
    return this;
  }

  @Override
  public boolean hasNext() {
    while (heard.isEmpty() && generation.isPresent() && !generation.get().isFinished()) {
      generation.get().step();
    }
    return !heard.isEmpty();
  }

  @Override
  public String next() {
    if (!hasNext()) {
      throw new NoSuchElementException("The answer has ended");
    }
    String piece = heard.toString();
    heard.setLength(0);
    return piece;
  }

  /** The whole answer; generates what is left of it. */
  public Answer answer() {
    if (whole.isEmpty()) {
      Generation all = generation.orElseThrow();
      while (!all.isFinished()) {
        all.step();
      }
      Answer answer = all.answers().get(0);
      whole = Optional.of(answer.withCost(cost.apply(answer.cost())));
    }
    return whole.get();
  }

  /** Frees the model for the next answer, also before this one has ended. */
  @Override
  public void close() {
    generation.ifPresent(Generation::close);
  }
}
