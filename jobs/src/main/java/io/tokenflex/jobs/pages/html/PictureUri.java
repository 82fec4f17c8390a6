package io.tokenflex.jobs.pages.html;

import io.tokenflex.image.ImageDecodeException;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.ImagePreview;
import io.tokenflex.samples.EncodedImage;
import java.io.IOException;
import java.util.Base64;

/**
 * A picture as a {@code data:} URI, so that the page needs no other file. It shows the pixels that
 * training sees: browsers have other rules of their own for orientation and colour profiles, and
 * play animations.
 */
public final class PictureUri {
  private static final int MAX_PNG_BYTES = 60_000;
  private static final int MAX_SIDE = 480;
  private static final ImageDecoder DECODER = new ImageDecoder(/* maxPixels= */ 100_000_000);

  private PictureUri() {}

  /**
   * A picture of at most 480 pixels a side.
   *
   * @throws IOException if it cannot be decoded
   */
  public static String of(EncodedImage image) throws IOException {
    return of(image, MAX_SIDE);
  }

  /**
   * A picture drawn small.
   *
   * @param maxSide longer side in pixels; smaller pictures keep their size
   * @throws IOException if it cannot be decoded
   */
  public static String of(EncodedImage image, int maxSide) throws IOException {
    byte[] preview;
    try {
      preview = new ImagePreview(DECODER, maxSide, MAX_PNG_BYTES).of(image.bytes());
    } catch (ImageDecodeException e) {
      throw new IOException("Image " + image.sha256() + ": " + e.getMessage(), e);
    }
    String kind = preview[0] == (byte) 0x89 ? "png" : "jpeg";
    return "data:image/" + kind + ";base64," + Base64.getEncoder().encodeToString(preview);
  }
}
