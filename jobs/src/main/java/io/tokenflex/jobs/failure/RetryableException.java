package io.tokenflex.jobs.failure;

import java.io.Serial;

/**
 * A job failed although its input was valid; running it again resumes or restarts it. A cause that
 * blames data or settings takes precedence (see {@link FailureKind#of}).
 */
public class RetryableException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  public RetryableException(String message, Throwable cause) {
    super(message, cause);
  }
}
