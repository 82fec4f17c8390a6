package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.failure.FailureKind;
import picocli.CommandLine.ParameterException;

/** Exit status of a command. */
enum ExitCode {
  DONE(0),
  /** Fix the configuration, the command line or the installation. */
  BAD_CONFIG(2),
  /** Fix the data: they are missing, damaged or unreadable. */
  BAD_DATA(3),
  /** Cluster, storage or training failed; running again resumes. */
  FAILED(4),
  /** A concurrent command published the same dataset or trains the same run. */
  CONFLICT(5),
  /** The loss is NaN or infinite; running again unchanged would fail in the same way. */
  DIVERGED(6);

  private final int status;

  ExitCode(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }

  /** Maps every exception or error to an exit status. */
  static ExitCode of(Throwable failure) {
    if (failure instanceof ParameterException) {
      return BAD_CONFIG;
    }
    return switch (FailureKind.of(failure)) {
      case CONFIG, BUILD, GPU_MEMORY -> BAD_CONFIG;
      case DATA, FILE -> BAD_DATA;
      case CONFLICT -> CONFLICT;
      case DIVERGED -> DIVERGED;
      case GPU, MEMORY, ENVIRONMENT, UNEXPECTED, PEER_LATE, PEER_LOST, INTERRUPTED -> FAILED;
    };
  }
}
