package io.tokenflex.config;

import io.tokenflex.failure.InvalidInputException;

/**
 * A setting is missing, unknown or invalid; the message names its key, file and line. Not
 * retryable.
 */
public final class InvalidConfigException extends InvalidInputException {
  private static final long serialVersionUID = 1L;

  public InvalidConfigException(String message) {
    super(message);
  }

  public InvalidConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
