package io.tokenflex.jobs.cli;

/** The storage or the cluster failed; nothing published is damaged, running again may succeed. */
final class JobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  JobFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
