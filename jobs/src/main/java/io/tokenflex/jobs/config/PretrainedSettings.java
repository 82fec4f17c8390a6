package io.tokenflex.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import io.tokenflex.config.InvalidConfigException;
import io.tokenflex.config.RecordSettings;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/**
 * What the pretrained model of a run says about itself, as settings that lie between the defaults
 * and the run's own file. All that loading a run opens besides that file.
 */
final class PretrainedSettings {
  /** Key of the model's folder. */
  static final String PRETRAINED = "pretrained";

  private static final String SPARK = "cluster.spark";
  private static final String HADOOP_PREFIX = "spark.hadoop.";
  private static final String ADAPTER = "train.lora.adapter";

  private final Configuration hadoop;
  private final String folder;
  private final Config shape;

  private PretrainedSettings(Configuration hadoop, String folder, Config shape) {
    this.hadoop = hadoop;
    this.folder = folder;
    this.shape = shape;
  }

  /**
   * Reads the folder that a run names.
   *
   * @throws InvalidConfigException if it is no model folder or cannot be read
   */
  static PretrainedSettings read(Config run) {
    Configuration hadoop = hadoop(run);
    String named = run.getString(PRETRAINED);
    try {
      ModelFolder model = ModelFolder.of(named, hadoop);
      Config shape = RecordSettings.of(model.config()).atKey("model");
      return new PretrainedSettings(hadoop, model.toString(), shape);
    } catch (IOException e) {
      throw unreadable(named, e);
    }
  }

  /** The section {@code model}. */
  Config shape() {
    return shape;
  }

  /** A run with the folders of its model and its adapter in paths that executors understand. */
  Config qualified(Config run) {
    Config qualified = run.withValue(PRETRAINED, ConfigValueFactory.fromAnyRef(folder));
    if (!run.hasPath(ADAPTER)) {
      return qualified;
    }
    try {
      String adapter = RunFolder.qualified(run.getString(ADAPTER), hadoop);
      return qualified.withValue(ADAPTER, ConfigValueFactory.fromAnyRef(adapter));
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static InvalidConfigException unreadable(String folder, IOException e) {
    return new InvalidConfigException(PRETRAINED + " = " + folder + ": " + e.getMessage(), e);
  }

  /**
   * What Hadoop is told by this run and by spark-submit, which wins: there is no Spark session yet,
   * and the folder may lie on a storage that needs an endpoint or a key.
   */
  private static Configuration hadoop(Config run) {
    SparkConf spark = new SparkConf();
    if (run.hasPath(SPARK)) {
      run.getConfig(SPARK)
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
}
