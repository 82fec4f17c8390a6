package io.tokenflex.dataprep.dataset;

/** Another run published first; nothing is damaged. Running again processes what remains. */
public final class VersionConflictException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public VersionConflictException(String message) {
    super(message);
  }
}
