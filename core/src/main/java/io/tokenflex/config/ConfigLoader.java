package io.tokenflex.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.tokenflex.digest.Digests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Loads the configuration of one run: {@code overrides} take precedence over the HOCON file, which
 * takes precedence over {@code defaults}.
 */
public final class ConfigLoader {
  private static final Pattern SCALAR = Pattern.compile("-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?");

  private ConfigLoader() {}

  /**
   * Reads a file and resolves it over the defaults.
   *
   * @param overrides {@code key=value} settings as given to {@code --set}; later ones win
   * @throws InvalidConfigException if the file is missing or does not parse, or a setting is not
   *     {@code key=value}
   */
  public static Config load(Path file, List<String> overrides, Config defaults) {
    return resolve(override(read(file).withFallback(defaults), overrides));
  }

  /**
   * Reads a file; its substitutions are not resolved.
   *
   * @throws InvalidConfigException if it is missing or does not parse
   */
  public static Config read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidConfigException(
          "No configuration file " + file + "; give an existing HOCON file with --conf");
    }
    try {
      return ConfigFactory.parseFile(file.toAbsolutePath().toFile());
    } catch (ConfigException e) {
      throw new InvalidConfigException(file + " does not parse: " + e.getMessage(), e);
    }
  }

  /**
   * Resolves substitutions.
   *
   * @throws InvalidConfigException if one leads nowhere
   */
  public static Config resolve(Config config) {
    try {
      return config.resolve();
    } catch (ConfigException e) {
      throw new InvalidConfigException(e.getMessage(), e);
    }
  }

  /**
   * Applies {@code key=value} settings to a configuration, unresolved.
   *
   * <p>A value that starts with <code>{</code>, {@code [} or a quote is parsed as HOCON; numbers,
   * booleans and {@code null} keep their type; anything else is a literal string, so {@code
   * hdfs://host/path} needs no quotes.
   */
  public static Config override(Config config, List<String> overrides) {
    Config result = config;
    for (String setting : overrides) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new InvalidConfigException(
            "--set " + setting + " is not key=value; for instance --set train.maxSteps=100");
      }
      String key = setting.substring(0, equals).strip();
      ConfigValue value = parseValue(setting.substring(equals + 1).strip(), "--set " + key);
      try {
        result =
            ConfigFactory.empty("--set").withValue(checkedPath(key), value).withFallback(result);
      } catch (ConfigException e) {
        throw new InvalidConfigException("--set " + setting + ": " + e.getMessage(), e);
      }
    }
    return result;
  }

  /**
   * The effective configuration as HOCON, keys sorted, defaults included; stored with a run's
   * output.
   */
  public static String render(Config config) {
    return config
        .root()
        .render(
            ConfigRenderOptions.defaults()
                .setJson(false)
                .setOriginComments(false)
                .setComments(false));
  }

  /** SHA-256 in lower-case hex over all settings; equal if and only if all settings are equal. */
  public static String digest(Config config) {
    return Digests.sha256Hex(config.root().render(ConfigRenderOptions.concise()));
  }

  private static String checkedPath(String key) {
    return ConfigUtil.joinPath(ConfigUtil.splitPath(key));
  }

  private static ConfigValue parseValue(String text, String origin) {
    boolean hocon =
        text.startsWith("{")
            || text.startsWith("[")
            || text.startsWith("\"")
            || text.equals("true")
            || text.equals("false")
            || text.equals("null")
            || SCALAR.matcher(text).matches();
    if (!hocon) {
      return ConfigValueFactory.fromAnyRef(text, origin);
    }
    ConfigParseOptions options =
        ConfigParseOptions.defaults().setOriginDescription(origin).setSyntax(ConfigSyntax.CONF);
    try {
      // root().get, because getValue throws for null, which unsets a default
      return ConfigFactory.parseString("value = " + text, options).root().get("value");
    } catch (ConfigException e) {
      throw new InvalidConfigException(origin + "=" + text + " is not HOCON: " + e.getMessage(), e);
    }
  }
}
