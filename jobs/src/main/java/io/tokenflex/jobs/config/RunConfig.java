package io.tokenflex.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import io.tokenflex.config.ConfigBinder;
import io.tokenflex.config.ConfigLoader;
import io.tokenflex.config.InvalidConfigException;
import io.tokenflex.config.RecordSettings;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.scenes.SampleDatasetConfig;
import io.tokenflex.lora.LoraLayout;
import io.tokenflex.lora.PeftConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.train.TrainConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/**
 * One complete run. Every command reads the whole of it, so that a mistake shows at once and not
 * hours later in the next stage.
 *
 * @param sample the dataset that {@code quickstart} renders; other runs bring their own
 * @param pretrained model folder to start from, any Hadoop path; {@code model}, the tokenizer, the
 *     chat template and the image processor are then its, and {@code pixels} is not used
 * @param tokenizer path of a {@code tokenizer.json}; the built-in byte-level one if absent
 */
public record RunConfig(
    RunSection run,
    DataSection data,
    Optional<SampleDatasetConfig> sample,
    PrepareSection prepare,
    Optional<String> pretrained,
    ModelConfig model,
    PixelsSection pixels,
    TokensSection tokens,
    Optional<String> tokenizer,
    TrainConfig train,
    EvaluateConfig evaluate,
    ClusterConfig cluster) {

  private static final String PRETRAINED = "pretrained";
  private static final String SPARK = "cluster.spark";
  private static final String HADOOP_PREFIX = "spark.hadoop.";
  private static final String ADAPTER = "train.lora.adapter";

  public RunConfig {
    train.checkWorldSize(cluster.executors());
    train.collective().isNccl(cluster.gpusPerExecutor() > 0, cluster.executors());
    if (pretrained.isPresent() && tokenizer.isPresent()) {
      throw new InvalidInputException(
          "tokenizer is %s but pretrained is %s, which has one; remove tokenizer"
              .formatted(tokenizer.get(), pretrained.get()));
    }
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
    return bound(withPretrained(defaults -> ConfigLoader.load(file, overrides, defaults)));
  }

  /** Loads a configuration that lies on the class path, such as {@code conf/quickstart.conf}. */
  public static Loaded loadResource(String resource, List<String> overrides) {
    Config file = ConfigFactory.parseResources(RunConfig.class.getClassLoader(), resource);
    return bound(
        withPretrained(defaults -> ConfigLoader.override(file.withFallback(defaults), overrides)));
  }

  /** Binds settings that are complete already, such as those shipped to an executor. */
  public static RunConfig parse(String completeSettings) {
    return ConfigBinder.bind(ConfigFactory.parseString(completeSettings), RunConfig.class);
  }

  private static Loaded bound(Config settings) {
    RunConfig config = ConfigBinder.bind(settings, RunConfig.class);
    config.checkLora();
    return new Loaded(settings, config);
  }

  /** The layers of an adapter to go on with are compared when it is read. */
  private void checkLora() {
    if (train.lora().isEmpty()) {
      return;
    }
    if (pretrained.isEmpty()) {
      throw new InvalidConfigException(
          "train.lora is set but pretrained is not: adapters train beside a model that is there; give pretrained = the folder that ./tokenflex import wrote, or a checkpoint");
    }
    if (train.lora().get().adapter().isEmpty()) {
      try {
        PeftConfig settings = train.lora().get().resolve(Optional.empty());
        new LoraLayout(model, settings, Optional.empty(), train::freezes).config();
      } catch (IllegalArgumentException e) {
        throw new InvalidConfigException(e.getMessage(), e);
      }
    }
  }

  /** What a pretrained model says about itself lies between the defaults and the run's own file. */
  private static Config withPretrained(UnaryOperator<Config> load) {
    Config settings = load.apply(defaults());
    if (!settings.hasPath(PRETRAINED)) {
      return settings;
    }
    String folder = settings.getString(PRETRAINED);
    Configuration hadoop = hadoop(settings);
    try {
      ModelFolder model = ModelFolder.of(folder, hadoop);
      Config shape = RecordSettings.of(model.config()).atKey("model");
      Config loaded =
          load.apply(shape.withFallback(defaults()))
              .withValue(PRETRAINED, ConfigValueFactory.fromAnyRef(model.toString()));
      if (!loaded.hasPath(ADAPTER)) {
        return loaded;
      }
      String adapter = RunFolder.qualified(loaded.getString(ADAPTER), hadoop);
      return loaded.withValue(ADAPTER, ConfigValueFactory.fromAnyRef(adapter));
    } catch (IOException e) {
      throw new InvalidConfigException("pretrained = " + folder + ": " + e.getMessage(), e);
    }
  }

  /**
   * What Hadoop is told by this run and by spark-submit, which wins: there is no Spark session yet,
   * and the folder may lie on a storage that needs an endpoint or a key.
   */
  private static Configuration hadoop(Config settings) {
    SparkConf spark = new SparkConf();
    if (settings.hasPath(SPARK)) {
      settings
          .getConfig(SPARK)
          .entrySet()
          .forEach(
              entry ->
                  spark.setIfMissing(
                      String.join(".", ConfigUtil.splitPath(entry.getKey())),
                      entry.getValue().unwrapped().toString()));
    }
    Configuration hadoop = new Configuration();
    for (Tuple2<String, String> setting : spark.getAllWithPrefix(HADOOP_PREFIX)) {
      hadoop.set(setting._1(), setting._2());
    }
    return hadoop;
  }

  private static Config defaults() {
    return ConfigFactory.parseResources(
        RunConfig.class.getClassLoader(), "tokenflex-reference.conf");
  }
}
