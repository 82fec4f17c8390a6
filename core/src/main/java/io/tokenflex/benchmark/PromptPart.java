package io.tokenflex.benchmark;

/** A piece of a prompt. */
public sealed interface PromptPart {
  /** Words. */
  record Text(String text) implements PromptPart {}

  /**
   * A picture.
   *
   * @param number which of the row's pictures, from 0
   */
  record Picture(int number) implements PromptPart {}
}
