package io.tokenflex.checkpoint;

import io.tokenflex.failure.DamagedDataException;
import java.io.Serial;

/**
 * A published checkpoint is not what was written: retrying does not help, choosing another does.
 */
public final class CorruptCheckpointException extends DamagedDataException {
  @Serial private static final long serialVersionUID = 1;

  public CorruptCheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
