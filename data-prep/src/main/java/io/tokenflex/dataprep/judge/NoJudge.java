package io.tokenflex.dataprep.judge;

/** Judges no samples. */
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
