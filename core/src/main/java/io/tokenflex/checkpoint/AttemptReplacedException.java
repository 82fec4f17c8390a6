package io.tokenflex.checkpoint;

import java.io.IOException;
import java.io.Serial;

/** Another attempt has begun meanwhile: this one has published nothing and may not go on. */
public final class AttemptReplacedException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  public AttemptReplacedException(String message) {
    super(message);
  }
}
