package io.tokenflex.image;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

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
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256; this one does not", e);
    }
    ByteBuffer size = ByteBuffer.allocate(2 * Integer.BYTES);
    size.putInt(image.width()).putInt(image.height()).flip();
    digest.update(size);
    digest.update(image.rgb_YXC());
    return HexFormat.of().formatHex(digest.digest());
  }
}
