package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.config.ClusterConfig;
import java.nio.file.Path;
import java.util.Optional;

/** A subcommand that runs as a Spark application. */
interface SparkCommand {
  /** Cluster settings to submit with. */
  ClusterConfig cluster();

  /** The local configuration file, if any; submitted with the application. */
  Optional<Path> confFile();
}
