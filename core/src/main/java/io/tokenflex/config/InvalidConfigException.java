package io.tokenflex.config;

import io.tokenflex.failure.InvalidInputException;

/** A setting is missing, unknown or wrong; the message names its key and place. Never retried. */
public final class InvalidConfigException extends InvalidInputException {
  private static final long serialVersionUID = 1L;

  public InvalidConfigException(String message) {
    super(message);
  }

  public InvalidConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
