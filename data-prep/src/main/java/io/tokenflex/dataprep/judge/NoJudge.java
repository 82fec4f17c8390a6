package io.tokenflex.dataprep.judge;

/** Looks at nothing. */
record NoJudge() implements SampleJudge {
  @Override
  public long maxSamples() {
    return 0;
  }

  @Override
  public Bench open() {
    throw new IllegalStateException("Nothing is to be looked at");
  }
}
