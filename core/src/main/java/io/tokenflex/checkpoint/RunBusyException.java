package io.tokenflex.checkpoint;

import java.io.IOException;
import java.io.Serial;

/** Another command trains this run: wait for it, or stop it. */
public final class RunBusyException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  public RunBusyException(String message) {
    super(message);
  }
}
