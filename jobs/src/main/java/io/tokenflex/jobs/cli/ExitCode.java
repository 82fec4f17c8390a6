package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.failure.FailureKind;
import picocli.CommandLine.ParameterException;

/** What the exit status of a command says about its failure. */
enum ExitCode {
  DONE(0),
  /** Fix the configuration, the command line, or the installation. */
  BAD_CONFIG(2),
  /** Fix the data: something is missing, damaged or unreadable. */
  BAD_DATA(3),
  /** The cluster, the storage or the training failed; running again resumes. */
  FAILED(4),
  /** Another command was first: it published the same dataset, or it trains the same run. */
  CONFLICT(5),
  /** The loss is no number any more; running again unchanged ends in the same way. */
  DIVERGED(6);

  private final int status;

  ExitCode(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }

  /** The one place that maps whatever a command throws. */
  static ExitCode of(Throwable failure) {
    if (failure instanceof ParameterException) {
      return BAD_CONFIG;
    }
    return switch (FailureKind.of(failure)) {
      case CONFIG, BUILD -> BAD_CONFIG;
      case DATA, FILE -> BAD_DATA;
      case CONFLICT -> CONFLICT;
      case DIVERGED -> DIVERGED;
      case MEMORY, ENVIRONMENT, UNEXPECTED, PEER_LATE, PEER_LOST, INTERRUPTED -> FAILED;
    };
  }
}
