package io.tokenflex.jobs.evaluate;

/** Of a reasoning model it is what follows the reasoning that counts. */
final class Reasoning {
  private static final String END = "</think>";

  private Reasoning() {}

  /** What follows the last end of reasoning; the whole text if there is none. */
  static String answerIn(String text) {
    int end = text.lastIndexOf(END);
    return end < 0 ? text : text.substring(end + END.length());
  }
}
