package io.tokenflex.samples;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;

/**
 * An image as stored in a shard: the bytes of its file (JPEG, PNG, WebP, ...), not decoded.
 *
 * @param bytes the encoded file; not copied, must not be modified
 * @param width pixels, after EXIF orientation
 * @param height pixels, after EXIF orientation
 * @param sha256 lower-case hex digest of {@code bytes}
 */
@SuppressWarnings("ArrayRecordComponent") // identified by the digest; the bytes are never compared
public record EncodedImage(byte[] bytes, int width, int height, String sha256) {
  public EncodedImage {
    requireNonNull(bytes, "bytes");
    requireNonNull(sha256, "sha256");
    if (width < 1 || height < 1) {
      throw new InvalidInputException(
          "Image " + sha256 + " is " + width + "x" + height + "; both sides must be at least 1");
    }
  }
}
