package io.tokenflex.jobs.train;

import io.tokenflex.jobs.failure.RetryableException;
import java.io.Serial;

/** Training ended before its last step; its checkpoints are intact, running again resumes. */
public final class TrainingFailedException extends RetryableException {
  @Serial private static final long serialVersionUID = 1;

  TrainingFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
