package io.tokenflex.failure;

import java.io.IOException;
import java.io.Serial;

/** Stored data is missing or not what was written: reading it again gives the same. */
public class DamagedDataException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  public DamagedDataException(String message) {
    super(message);
  }

  public DamagedDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
