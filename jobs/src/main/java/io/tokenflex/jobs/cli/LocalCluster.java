package io.tokenflex.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.tokenflex.config.ConfigBinder;
import io.tokenflex.config.ConfigLoader;
import io.tokenflex.jobs.config.ClusterConfig;
import java.util.List;

/** Cluster settings of commands without a run; by default this machine. */
final class LocalCluster {
  private record ClusterOnly(ClusterConfig cluster) {}

  private LocalCluster() {}

  /**
   * All cores of this machine.
   *
   * @param settings {@code cluster.key=value} overrides
   */
  static ClusterConfig with(List<String> settings) {
    Config defaults =
        ConfigFactory.parseResources(
                LocalCluster.class.getClassLoader(), "tokenflex-reference.conf")
            .withOnlyPath("cluster")
            .withValue("cluster.master", ConfigValueFactory.fromAnyRef("local[*]"));
    return ConfigBinder.bind(
            ConfigLoader.resolve(ConfigLoader.override(defaults, settings)), ClusterOnly.class)
        .cluster();
  }
}
