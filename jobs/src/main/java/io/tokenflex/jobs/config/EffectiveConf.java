package io.tokenflex.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.tokenflex.config.ConfigLoader;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.run.Secrets;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of the last command that was not refused, in the run's folder. People pass the file
 * on as {@code --conf}: settings that were refused must not come back with it.
 */
public final class EffectiveConf {
  /** Name of the file in the run's folder. */
  public static final String FILE_NAME = "effective.conf";

  private static final Logger log = LoggerFactory.getLogger(EffectiveConf.class);

  private static final String SPARK = "cluster.spark";

  private EffectiveConf() {}

  /**
   * The settings as HOCON for a page that is passed on: what speaks of secrets among the settings
   * of Spark and Hadoop is left out, as Spark's own pages do. The file itself keeps them, for it is
   * a command's input.
   */
  public static String withoutSecrets(Config settings) {
    Config shown = settings;
    if (settings.hasPath(SPARK)) {
      for (Map.Entry<String, ConfigValue> entry : settings.getConfig(SPARK).entrySet()) {
        String key = String.join(".", ConfigUtil.splitPath(entry.getKey()));
        if (Secrets.isSparkSecret(key, String.valueOf(entry.getValue().unwrapped()))) {
          shown =
              shown.withValue(
                  SPARK + "." + entry.getKey(), ConfigValueFactory.fromAnyRef(Secrets.LEFT_OUT));
        }
      }
    }
    return Secrets.withoutUserInfo(ConfigLoader.render(shown));
  }

  /** Writes it; for people alone, so it fails no command. */
  public static void keep(RunFolder runFolder, RunConfig.Loaded loaded) {
    try {
      runFolder.writeText(FILE_NAME, ConfigLoader.render(loaded.settings()));
    } catch (IOException | RuntimeException e) {
      log.warn("Cannot write {}: {}", runFolder.pathOf(FILE_NAME), e.toString());
    }
  }
}
