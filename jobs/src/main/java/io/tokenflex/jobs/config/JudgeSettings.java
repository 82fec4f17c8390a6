package io.tokenflex.jobs.config;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.judge.HttpJudge;
import io.tokenflex.judge.JudgePrompts;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A model that judges what rules cannot decide; asked by the driver, off without {@code url}.
 *
 * @param url where to post, for instance {@code http://host:8000/v1/chat/completions}
 * @param model the name that the endpoint knows it by
 * @param keyVariable environment variable of the driver that holds the key
 * @param timeout of one try
 * @param tries in all
 * @param firstWait before the second try; each further wait is twice as long
 * @param maxNewTokens of a reply
 * @param maxFailuresInARow questions without a reply after which it is not asked any more
 * @param rowsAtOnce rows that it is asked about at the same time
 * @param prompts name of a question to the file that replaces it
 */
public record JudgeSettings(
    Optional<String> url,
    Optional<String> model,
    Optional<String> keyVariable,
    Duration timeout,
    int tries,
    Duration firstWait,
    int maxNewTokens,
    int maxFailuresInARow,
    int rowsAtOnce,
    Map<String, String> prompts) {

  public JudgeSettings {
    prompts = Map.copyOf(prompts);
    new HttpJudge.Settings(timeout, tries, firstWait, maxNewTokens);
    Expect.atLeastOne("judge.maxFailuresInARow", maxFailuresInARow);
    Expect.atLeastOne("judge.rowsAtOnce", rowsAtOnce);
    if (url.isPresent() != model.isPresent()) {
      throw new InvalidInputException(
          "judge has only one of url and model; give both to ask a judge, or none");
    }
    prompts.keySet().forEach(name -> JudgePrompts.builtIn().with(name, "{prediction}"));
    url.ifPresent(JudgeSettings::address); // refuses what is none
  }

  /** Whether a judge is asked. */
  public boolean isOn() {
    return url.isPresent();
  }

  /**
   * The judge.
   *
   * @param environment of the driver
   * @throws InvalidInputException if the variable of the key is not set
   */
  public HttpJudge connect(Map<String, String> environment) {
    keyVariable.ifPresent(
        variable -> {
          if (environment.getOrDefault(variable, "").isBlank()) {
            throw new InvalidInputException(
                "evaluate.judge.keyVariable is "
                    + variable
                    + ", but the driver's environment has no such variable; export it, or remove"
                    + " the setting if the judge needs no key");
          }
        });
    return new HttpJudge(
        address(url.orElseThrow()),
        model.orElseThrow(),
        keyVariable.map(variable -> environment.getOrDefault(variable, "")).orElse(""),
        new HttpJudge.Settings(timeout, tries, firstWait, maxNewTokens));
  }

  private static URI address(String url) {
    String expected = "judge.url is '" + url + "'; expected an address that starts with http";
    if (!url.startsWith("http://") && !url.startsWith("https://")) {
      throw new InvalidInputException(expected);
    }
    try {
      return URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(expected + ": " + e.getMessage(), e);
    }
  }
}
