package io.tokenflex.failure;

import java.io.Serial;

/**
 * A setting, an argument or a sample is wrong: the same call fails again until it is mended.
 *
 * <p>A type of its own because libraries throw {@link IllegalArgumentException} for other things
 * too: Hadoop, for instance, for the name of a host that cannot be resolved just now.
 */
public class InvalidInputException extends IllegalArgumentException {
  @Serial private static final long serialVersionUID = 1;

  public InvalidInputException(String message) {
    super(message);
  }

  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
