package io.tokenflex.jobs.evaluate;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.tokenflex.config.ConfigBinder;
import io.tokenflex.jobs.config.EvaluateConfig;

/** Sections {@code evaluate} for tests: the defaults and some settings. */
public final class EvaluateConfigs {
  private EvaluateConfigs() {}

  private record EvaluateOnly(EvaluateConfig evaluate) {}

  /** The defaults with these settings, each a line of HOCON. */
  public static EvaluateConfig of(String... settings) {
    Config defaults =
        ConfigFactory.parseResources("tokenflex-reference.conf").withOnlyPath("evaluate");
    Config given = ConfigFactory.parseString("evaluate {\n" + String.join("\n", settings) + "\n}");
    return ConfigBinder.bind(given.withFallback(defaults).resolve(), EvaluateOnly.class).evaluate();
  }
}
