package io.tokenflex.jobs.cli;

import io.tokenflex.checkpoint.RunBusyException;
import io.tokenflex.dataprep.shard.VersionConflictException;
import io.tokenflex.jobs.train.TrainingFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import picocli.CommandLine.ParameterException;

/** What the exit status of a command says about its failure. */
enum ExitCode {
  DONE(0),
  /** Fix the configuration or the command line. */
  BAD_CONFIG(2),
  /** Fix the data: something is missing, damaged or unreadable. */
  BAD_DATA(3),
  /** The cluster or the training failed; running again resumes. */
  FAILED(4),
  /** Another command was first: it published the same dataset, or it trains the same run. */
  CONFLICT(5);

  private final int status;

  ExitCode(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }

  /** Judges by the first telling exception in the chain of causes. */
  static ExitCode of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof VersionConflictException || cause instanceof RunBusyException) {
        return CONFLICT;
      }
      if (cause instanceof TrainingFailedException || cause instanceof JobFailedException) {
        return FAILED; // whatever broke a connection in the end
      }
      if (cause instanceof RejectedDataException
          || cause instanceof IOException
          || cause instanceof UncheckedIOException) {
        return BAD_DATA;
      }
      if (cause instanceof IllegalArgumentException || cause instanceof ParameterException) {
        return BAD_CONFIG;
      }
    }
    return FAILED;
  }
}
