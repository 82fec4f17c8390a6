package io.tokenflex.judge;

/** A model that is asked about answers. May be called from several threads. */
public interface Judge {
  /**
   * One reply.
   *
   * @param temperature of sampling; 0 for the most likely reply
   * @throws JudgeException if there is none, after all tries of the judge itself
   */
  String reply(String prompt, double temperature) throws JudgeException;

  /** Names the model in reports and keys of caches. */
  String name();
}
