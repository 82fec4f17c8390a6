package io.tokenflex.jobs.train;

import java.io.Serial;

/** Training ended before its last step; its checkpoints are intact, running again resumes. */
public final class TrainingFailedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  TrainingFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
