package io.tokenflex.checkpoint;

import java.io.IOException;
import java.io.Serial;

/**
 * The answer to a publishing act was lost: the checkpoint may or may not be published. Nothing is
 * deleted; the next attempt finds out.
 */
public final class CheckpointStateUnknownException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  public CheckpointStateUnknownException(String message, Throwable cause) {
    super(message, cause);
  }
}
