package io.tokenflex.dataprep.dataset;

/** Another run published first; nothing is damaged, running again does what is left to do. */
public final class VersionConflictException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public VersionConflictException(String message) {
    super(message);
  }
}
