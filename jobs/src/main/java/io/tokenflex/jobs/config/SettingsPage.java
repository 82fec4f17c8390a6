package io.tokenflex.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import io.tokenflex.config.ConfigBinder;
import io.tokenflex.config.ConfigKey;
import io.tokenflex.config.ConfigKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Every setting of a run as a page in Markdown. The keys and their types are those of {@link
 * RunConfig}; a default and its meaning stand in {@code tokenflex-reference.conf}, an example and
 * the meaning of a key without default in {@code tokenflex-examples.conf}.
 */
public final class SettingsPage {
  private static final String DEFAULTS = "tokenflex-reference.conf";
  private static final String EXAMPLES = "tokenflex-examples.conf";

  private static final String HEAD =
      """
      # Settings

      Every key of a run's file, written by `./tokenflex settings`. A key that is not listed is an error that names file and
      line. `--set key=value` wins over the file, the file over the defaults. **required**: the section that holds the key
      must have it; a section that may be left out as a whole says so. With `pretrained`, `model` is filled in from the model
      folder and requires nothing. A path is any that Hadoop knows, local or `hdfs:///...`; relative ones belong to the driver's
      working directory.
      """;

  private static final String SPARK_HEAD =
      """

      ## What `cluster` sets in Spark
      With its defaults, on a cluster; `cluster.spark` and what spark-submit was given win. With `cluster.gpusPerExecutor` the
      stages of training and evaluation ask for GPUs, others do not.

      | setting | value |
      |---|---|
      """;

  private final Config defaults = parse(DEFAULTS);
  private final Config examples = parse(EXAMPLES);
  private final StringBuilder page = new StringBuilder();

  private SettingsPage() {}

  private static Config parse(String resource) {
    return ConfigFactory.parseResources(SettingsPage.class.getClassLoader(), resource);
  }

  /**
   * The page.
   *
   * @throws IllegalStateException if a key has no meaning, or stands in both files or in none: a
   *     fault of the program that a test finds
   */
  public static String render() {
    return new SettingsPage().write();
  }

  private String write() {
    page.append(HEAD);
    for (ConfigKey key : ConfigKeys.of(RunConfig.class)) {
      boolean isOfTheRun = !key.path().contains(".");
      if (isOfTheRun) {
        startPart(key);
      }
      if (!isOfTheRun || !key.isSection()) {
        page.append(row(key));
      }
    }
    page.append(SPARK_HEAD);
    sparkSettings().forEach((name, value) -> page.append(cells(code(name), code(value))));
    return page.toString();
  }

  private void startPart(ConfigKey key) {
    page.append("\n## ").append(key.path()).append('\n');
    if (key.isSection()) {
      page.append(capital(meaning(key)));
      page.append(key.isRequired() ? ".\n" : ". The section may be left out.\n");
    }
    page.append("\n| key | type | default | meaning |\n|---|---|---|---|\n");
  }

  private String row(ConfigKey key) {
    String meaning = meaning(key);
    if (!key.sameAs().isEmpty()) {
      meaning += "; its keys are those of " + code(key.sameAs());
    }
    if (!key.variants().isEmpty()) {
      meaning = "with `type` " + String.join(", ", key.variants()) + ": " + meaning;
    }
    return cells(code(key.path()), type(key), standard(key), meaning);
  }

  private static String type(ConfigKey key) {
    String type = key.type().replaceFirst("^an? ", "");
    return key.isSection() ? "section" : type.replace(" {...}", "").replace(" [...]", "");
  }

  /** The default, or an example where there is none. */
  private String standard(ConfigKey key) {
    if (key.isSection()) {
      return key.isRequired() ? "" : "none";
    }
    Optional<ConfigValue> set = find(defaults, key.path());
    if (set.isPresent()) {
      return code(text(set.get()));
    }
    String none = key.isRequired() ? "**required**" : "none";
    boolean holdsSections = find(examples, key.path() + "[]").isPresent();
    return holdsSections ? none : none + ", e.g. " + code(text(example(key)));
  }

  private ConfigValue example(ConfigKey key) {
    return find(examples, key.path())
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "%s has no default in %s; add it with an example and its meaning to %s"
                        .formatted(key.path(), DEFAULTS, EXAMPLES)));
  }

  private String meaning(ConfigKey key) {
    Optional<ConfigValue> set = find(defaults, key.path());
    Optional<ConfigValue> example = find(examples, key.path());
    if (!key.isSection() && set.isPresent() && example.isPresent()) {
      throw new IllegalStateException(
          "%s has a default in %s; remove its example from %s"
              .formatted(key.path(), DEFAULTS, EXAMPLES));
    }
    String meaning = comment(set) + comment(example);
    if (meaning.isEmpty()) {
      throw new IllegalStateException(
          "%s has no meaning; write a comment above it in %s, or in %s if it has no default"
              .formatted(key.path(), DEFAULTS, EXAMPLES));
    }
    return meaning.replace("<", "\\<");
  }

  private static String comment(Optional<ConfigValue> value) {
    return value.stream()
        .flatMap(present -> present.origin().comments().stream())
        .map(String::strip)
        .collect(Collectors.joining(" "));
  }

  /** The value at a path; {@code name[]} is the first element of a list if that is a section. */
  private static Optional<ConfigValue> find(Config config, String path) {
    ConfigValue value = config.root();
    for (String name : path.split("\\.", -1)) {
      boolean isElement = name.endsWith("[]");
      String key = isElement ? name.substring(0, name.length() - 2) : name;
      value = value instanceof ConfigObject section ? section.get(key) : null;
      if (isElement) {
        value =
            value instanceof ConfigList list
                    && !list.isEmpty()
                    && list.get(0) instanceof ConfigObject
                ? list.get(0)
                : null;
      }
      if (value == null) {
        return Optional.empty();
      }
    }
    return Optional.of(value);
  }

  private static String text(ConfigValue value) {
    if (value instanceof ConfigList list) {
      return "[" + list.stream().map(SettingsPage::text).collect(Collectors.joining(", ")) + "]";
    }
    if (value instanceof ConfigObject section) {
      return section.isEmpty()
          ? "{}"
          : section.entrySet().stream()
              .sorted(Map.Entry.comparingByKey())
              .map(entry -> entry.getKey() + " = " + text(entry.getValue()))
              .collect(Collectors.joining(", ", "{ ", " }"));
    }
    String written = value.atKey("value").getString("value"); // numbers as they are written
    boolean isPlain = !written.isEmpty() && !written.contains("\\");
    return isPlain ? written : value.render(ConfigRenderOptions.concise());
  }

  private static String cells(String... cells) {
    List<String> written = new ArrayList<>();
    for (String cell : cells) {
      written.add(cell.replace("|", "\\|"));
    }
    return "| " + String.join(" | ", written) + " |\n";
  }

  private static String code(String text) {
    return "`" + text + "`";
  }

  private static String capital(String sentence) {
    return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
  }

  private record ClusterOnly(ClusterConfig cluster) {}

  private Map<String, String> sparkSettings() {
    ClusterConfig cluster =
        ConfigBinder.bind(defaults.withOnlyPath("cluster"), ClusterOnly.class).cluster();
    return cluster.withMaster("yarn").sparkSettings();
  }
}
