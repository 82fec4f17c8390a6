package io.tokenflex.jobs.failure;

import java.io.Serial;

/** The command cannot succeed unless the data change; the configuration is fine. */
public final class RejectedDataException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  public RejectedDataException(Throwable refusal) {
    super(refusal.getMessage(), refusal);
  }
}
