package io.tokenflex.jobs.config;

import io.tokenflex.config.ConfigLoader;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
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

  private EffectiveConf() {}

  /** Writes it; for people alone, so it fails no command. */
  public static void keep(RunFolder runFolder, RunConfig.Loaded loaded) {
    try {
      runFolder.writeText(FILE_NAME, ConfigLoader.render(loaded.settings()));
    } catch (IOException | RuntimeException e) {
      log.warn("Cannot write {}: {}", runFolder.pathOf(FILE_NAME), e.toString());
    }
  }
}
