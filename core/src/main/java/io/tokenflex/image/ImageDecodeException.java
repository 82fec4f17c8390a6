package io.tokenflex.image;

import io.tokenflex.failure.InvalidInputException;

/** The bytes are not an image this program can use. Trying again gives the same answer. */
public final class ImageDecodeException extends InvalidInputException {
  private static final long serialVersionUID = 1;

  /** Why a file was refused. */
  public enum Reason {
    /** The bytes are of no supported format: an HTML page, a text, nothing at all. */
    NOT_AN_IMAGE,
    /** The file starts well but ends too early or has been altered. */
    DAMAGED,
    /** The picture has more pixels, or a longer side, than the limit. */
    TOO_LARGE,
    /** A side of the picture is shorter than the limit. */
    TOO_SMALL,
    /** The longer side is too many times the shorter one. */
    TOO_ELONGATED,
    /** A valid file of a variant that no reader here understands. */
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
