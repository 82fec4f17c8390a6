package io.tokenflex.storage;

import java.io.IOException;
import java.io.Serial;

/**
 * Whether an act that makes something visible took effect cannot be told. Nothing that it may have
 * made visible may be deleted; whoever comes next finds out.
 */
public final class StateUnknownException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  public StateUnknownException(String message, Throwable cause) {
    super(message, cause);
  }
}
