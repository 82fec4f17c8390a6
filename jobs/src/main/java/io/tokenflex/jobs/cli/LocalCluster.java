package io.tokenflex.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.tokenflex.config.ConfigBinder;
import io.tokenflex.config.ConfigLoader;
import io.tokenflex.jobs.config.ClusterConfig;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Cluster settings of commands without a run; by default this machine. */
final class LocalCluster {
  private record ClusterOnly(ClusterConfig cluster) {}

  /** The option {@code --set} of commands without a run. */
  static final class Overrides {
    @Option(
        names = "--set",
        paramLabel = "key=value",
        description =
            "Overrides a setting of the section cluster, for instance --set cluster.master=yarn;"
                + " without one all cores of this machine work (local[*]).")
    List<String> settings = new ArrayList<>();

    /** All cores of this machine, or what the settings say. */
    ClusterConfig cluster() {
      return with(settings);
    }
  }

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
