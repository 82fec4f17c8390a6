package io.tokenflex.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.tokenflex.config.ConfigBinder;
import io.tokenflex.config.ConfigLoader;
import io.tokenflex.dataprep.sample.SampleDatasetConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.train.TrainConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One complete run. Every command reads the whole of it, so that a mistake shows at once and not
 * hours later in the next stage.
 *
 * @param sample the dataset that {@code quickstart} renders; other runs bring their own
 * @param tokenizer path of a {@code tokenizer.json}; the built-in byte-level one if absent
 */
public record RunConfig(
    RunSection run,
    DataSection data,
    Optional<SampleDatasetConfig> sample,
    PrepareSection prepare,
    ModelConfig model,
    TokensSection tokens,
    Optional<String> tokenizer,
    TrainConfig train,
    EvaluateConfig evaluate,
    ClusterConfig cluster) {

  public RunConfig {
    train.checkWorldSize(cluster.executors());
  }

  /** A run's settings as text and as records. */
  public record Loaded(Config settings, RunConfig config) {
    /** Digest of all settings: equal runs have equal digests. */
    public String digest() {
      return ConfigLoader.digest(settings);
    }
  }

  /**
   * Loads a file over the defaults.
   *
   * @throws io.tokenflex.config.InvalidConfigException naming key, file and line
   */
  public static Loaded load(Path file, List<String> overrides) {
    return bound(ConfigLoader.load(file, overrides, defaults()));
  }

  /** Loads a configuration that lies on the class path, such as {@code conf/quickstart.conf}. */
  public static Loaded loadResource(String resource, List<String> overrides) {
    Config file = ConfigFactory.parseResources(RunConfig.class.getClassLoader(), resource);
    return bound(ConfigLoader.override(file.withFallback(defaults()), overrides));
  }

  /** Binds settings that are complete already, such as those shipped to an executor. */
  public static RunConfig parse(String completeSettings) {
    return ConfigBinder.bind(ConfigFactory.parseString(completeSettings), RunConfig.class);
  }

  private static Loaded bound(Config settings) {
    return new Loaded(settings, ConfigBinder.bind(settings, RunConfig.class));
  }

  private static Config defaults() {
    return ConfigFactory.parseResources(
        RunConfig.class.getClassLoader(), "tokenflex-reference.conf");
  }
}
