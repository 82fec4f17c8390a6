package io.tokenflex.image;

import io.tokenflex.digest.Digests;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Digest of decoded pixels: equal for files that show the same pixels, whatever their format,
 * compression or metadata.
 */
public final class PixelDigest {
  private PixelDigest() {}

  /**
   * SHA-256 of width and height (four bytes each, big-endian) followed by the RGB bytes.
   *
   * @return 64 lower-case hex digits
   */
  public static String of(RgbImage image) {
    MessageDigest digest = Digests.sha256();
    ByteBuffer size = ByteBuffer.allocate(2 * Integer.BYTES);
    size.putInt(image.width()).putInt(image.height()).flip();
    digest.update(size);
    digest.update(image.rgb_YXC());
    return Digests.hex(digest);
  }
}
