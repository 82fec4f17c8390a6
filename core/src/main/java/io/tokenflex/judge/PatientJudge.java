package io.tokenflex.judge;

import io.tokenflex.failure.Expect;

/**
 * Stops asking a judge that has failed so often in a row that it is taken to be gone: what is asked
 * afterwards fails at once, instead of every row waiting for all tries. Counts failures.
 */
public final class PatientJudge implements Judge {
  private final Judge judge;
  private final int maxFailuresInARow;
  private int inARow;
  private int failures;
  private String lastFailure = "";

  /** Asks a judge until it has failed so often without a reply in between. */
  public PatientJudge(Judge judge, int maxFailuresInARow) {
    Expect.atLeastOne("judge.maxFailuresInARow", maxFailuresInARow);
    this.judge = judge;
    this.maxFailuresInARow = maxFailuresInARow;
  }

  @Override
  public String name() {
    return judge.name();
  }

  @Override
  public String reply(String prompt, double temperature) throws JudgeException {
    failIfGone();
    String reply;
    try {
      reply = judge.reply(prompt, temperature); // not locked: several threads ask at once
    } catch (JudgeException e) {
      synchronized (this) {
        inARow++;
        failures++;
        lastFailure = e.getMessage();
      }
      throw e;
    }
    synchronized (this) {
      inARow = 0;
    }
    return reply;
  }

  private synchronized void failIfGone() throws JudgeException {
    if (inARow >= maxFailuresInARow) {
      failures++;
      throw new JudgeException(
          "The judge is not asked any more after " + inARow + " failures in a row: " + lastFailure);
    }
  }

  /** Questions without a reply so far. */
  public synchronized int failures() {
    return failures;
  }

  /** Why the last one had none; empty if there was none. */
  public synchronized String lastFailure() {
    return lastFailure;
  }
}
