package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.config.ClusterConfig;
import java.nio.file.Path;
import java.util.Optional;

/** A subcommand that runs as one Spark application. */
interface SparkCommand {
  /** The executors it wants. */
  ClusterConfig cluster();

  /** The local file its settings come from, if any; it travels with the application. */
  Optional<Path> confFile();
}
