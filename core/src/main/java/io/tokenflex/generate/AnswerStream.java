package io.tokenflex.generate;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * The text of an answer in pieces, each generated when it is asked for. The pieces joined are the
 * answer's text.
 */
public final class AnswerStream implements Iterator<String>, AutoCloseable {
  private final Generation generation;
  private final StringBuilder heard = new StringBuilder();

  AnswerStream(Function<TokenListener, Generation> start) {
    this.generation = start.apply((prompt, token, text) -> heard.append(text));
  }

  @Override
  public boolean hasNext() {
    while (heard.isEmpty() && !generation.isFinished()) {
      generation.step();
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
    while (!generation.isFinished()) {
      generation.step();
    }
    return generation.answers().get(0);
  }

  /** Frees the model for the next answer, also before this one has ended. */
  @Override
  public void close() {
    generation.close();
  }
}
