package io.tokenflex.jobs.failure;

import java.io.Serial;

/**
 * A job did not get to its end although its input was fit for it: running it again goes on or
 * starts anew. What its cause says about data or settings counts more.
 */
public class RetryableException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  public RetryableException(String message, Throwable cause) {
    super(message, cause);
  }
}
