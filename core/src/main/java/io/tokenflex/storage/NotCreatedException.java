package io.tokenflex.storage;

import java.io.IOException;
import java.io.Serial;

/** A file was certainly not created, and no request for it is on its way any more. */
public final class NotCreatedException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  public NotCreatedException(String message, Throwable cause) {
    super(message, cause);
  }
}
