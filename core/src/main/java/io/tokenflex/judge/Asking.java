package io.tokenflex.judge;

import java.util.Optional;

/** One call of a judge whose failure is an answer too: there is none. */
final class Asking {
  private Asking() {}

  static Optional<String> ask(Judge judge, String prompt, double temperature) {
    try {
      return Optional.of(judge.reply(prompt, temperature));
    } catch (JudgeException e) {
      return Optional.empty();
    }
  }
}
