package io.tokenflex.dataprep.storage;

import java.io.IOException;

/**
 * The act that publishes a version failed, and whether it took effect cannot be told. Nothing may
 * be deleted; running again finds the version or makes it anew.
 */
public final class DatasetStateUnknownException extends IOException {
  private static final long serialVersionUID = 1;

  public DatasetStateUnknownException(String message, Throwable cause) {
    super(message, cause);
  }
}
