package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;

/** The bytes cannot be used as an image. Not retryable. */
public final class ImageDecodeException extends InvalidInputException {
  private static final long serialVersionUID = 1;

  /** Reason of the rejection. */
  public enum Reason {
    /** The bytes are in no supported image format, for instance an HTML page or an empty file. */
    NOT_AN_IMAGE,
    /** The file is truncated or corrupt. */
    DAMAGED,
    /** More pixels, or a longer side, than the limit. */
    TOO_LARGE,
    /** A side is shorter than the limit. */
    TOO_SMALL,
    /** The aspect ratio exceeds the limit. */
    TOO_ELONGATED,
    /** A valid file of an unsupported variant. */
    UNSUPPORTED
  }

  private final Reason reason;

  ImageDecodeException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  ImageDecodeException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
