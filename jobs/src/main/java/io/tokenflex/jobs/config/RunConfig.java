package io.tokenflex.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.tokenflex.config.ConfigBinder;
import io.tokenflex.config.ConfigLoader;
import io.tokenflex.config.InvalidConfigException;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.scenes.SampleDatasetConfig;
import io.tokenflex.lora.LoraLayout;
import io.tokenflex.lora.PeftConfig;
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
    CalibrateConfig calibrate,
    ClusterConfig cluster) {

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
    return of(ConfigLoader.read(file), overrides);
  }

  /** Loads a configuration that lies on the class path, such as {@code conf/quickstart.conf}. */
  public static Loaded loadResource(String resource, List<String> overrides) {
    return of(ConfigFactory.parseResources(RunConfig.class.getClassLoader(), resource), overrides);
  }

  /**
   * Makes a run of a file that has been read: completes it by the defaults and, where the run
   * starts from a model, by what that says about itself; then binds it, which opens nothing.
   */
  public static Loaded of(Config file, List<String> overrides) {
    Config settings = over(defaults(), file, overrides);
    if (settings.hasPath(PretrainedSettings.PRETRAINED)) {
      PretrainedSettings model = PretrainedSettings.read(settings);
      settings = model.qualified(over(model.shape().withFallback(defaults()), file, overrides));
    }
    RunConfig config = ConfigBinder.bind(settings, RunConfig.class);
    config.checkLora();
    return new Loaded(settings, config);
  }

  private static Config over(Config defaults, Config file, List<String> overrides) {
    return ConfigLoader.resolve(ConfigLoader.override(file.withFallback(defaults), overrides));
  }

  /** Binds settings that are complete already, such as those shipped to an executor. */
  public static RunConfig parse(String completeSettings) {
    return ConfigBinder.bind(ConfigFactory.parseString(completeSettings), RunConfig.class);
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

  private static Config defaults() {
    return ConfigFactory.parseResources(
        RunConfig.class.getClassLoader(), "tokenflex-reference.conf");
  }
}
