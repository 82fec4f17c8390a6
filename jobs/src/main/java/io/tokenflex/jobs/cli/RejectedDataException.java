package io.tokenflex.jobs.cli;

/** The data, not the configuration, has to change before this command can succeed. */
final class RejectedDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RejectedDataException(IllegalArgumentException refusal) {
    super(refusal.getMessage(), refusal);
  }
}
