package io.tokenflex.benchmark;

/** What sort of answer a benchmark asks for, which decides the prompt. */
public enum QuestionKind {
  /** A letter. */
  CHOICE,
  /** Yes or no. */
  YES_NO,
  /** A word or a phrase, which the prompt asks for. */
  TEXT,
  /** Whatever the question asks for. */
  FREE,
  /** A sentence about the picture. */
  CAPTION
}
