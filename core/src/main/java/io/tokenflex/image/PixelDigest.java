package io.tokenflex.image;

import io.tokenflex.digest.Digests;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * The identity of decoded pixels: equal for two files that show the same picture, whatever their
 * format, compression or metadata.
 */
public final class PixelDigest {
  private PixelDigest() {}

  /**
   * SHA-256 of width and height (four bytes each, most significant first) and the RGB bytes.
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
