package io.tokenflex.benchmark;

/** Benchmarks that are scored and reported in the same way. */
public enum Family {
  /** Multiple choice, each row for itself. */
  CHOICE(QuestionKind.CHOICE),
  /** Multiple choice in all rotations of the options. */
  CIRCULAR(QuestionKind.CHOICE),
  MMMU(QuestionKind.CHOICE),
  YES_NO(QuestionKind.YES_NO),
  HALLUSION_BENCH(QuestionKind.YES_NO),
  POPE(QuestionKind.YES_NO),
  MME(QuestionKind.YES_NO),
  /** VQA accuracy against several annotators. */
  VQA(QuestionKind.TEXT),
  ANLS(QuestionKind.TEXT),
  CHART_QA(QuestionKind.TEXT),
  EXACT(QuestionKind.TEXT),
  OCR_BENCH(QuestionKind.FREE),
  MATH_VISTA(QuestionKind.FREE),
  MM_VET(QuestionKind.FREE),
  CAPTION(QuestionKind.CAPTION);

  private final QuestionKind kind;

  Family(QuestionKind kind) {
    this.kind = kind;
  }

  /** What it asks for. */
  public QuestionKind kind() {
    return kind;
  }
}
