package io.tokenflex.jobs.html;

import io.tokenflex.data.EncodedImage;
import io.tokenflex.image.ImageDecodeException;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.ImageNormalization;
import io.tokenflex.image.ImageNormalizer;
import io.tokenflex.image.NormalizedImage;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** A picture as a {@code data:} URI, so that the page needs no other file. */
public final class PictureUri {
  /** Larger files are drawn smaller. */
  private static final int MAX_BYTES = 60_000;

  private static final int MAX_SIDE = 480;

  private static final int THUMBNAIL_QUALITY = 85;
  private static final long MAX_PIXELS = 100_000_000;

  private PictureUri() {}

  public static String of(EncodedImage image) throws IOException {
    byte[] bytes = image.bytes().length <= MAX_BYTES ? image.bytes() : thumbnail(image);
    return "data:" + mediaType(bytes) + ";base64," + Base64.getEncoder().encodeToString(bytes);
  }

  /**
   * A picture drawn small, as training would see it reduced.
   *
   * @param maxSide longer side in pixels; smaller pictures stay as they are
   * @throws IOException if it cannot be decoded
   */
  public static String of(EncodedImage image, int maxSide) throws IOException {
    try {
      NormalizedImage small =
          new ImageNormalizer(new ImageNormalization(maxSide, THUMBNAIL_QUALITY))
              .normalize(image.bytes(), new ImageDecoder(MAX_PIXELS).decode(image.bytes()));
      return of(new EncodedImage(small.bytes(), small.width(), small.height(), image.sha256()));
    } catch (ImageDecodeException e) {
      throw new IOException("Image " + image.sha256() + ": " + e.getMessage(), e);
    }
  }

  private static String mediaType(byte[] bytes) {
    return switch (bytes.length == 0 ? 0 : bytes[0] & 0xff) {
      case 0x89 -> "image/png";
      case 'B' -> "image/bmp";
      case 'G' -> "image/gif";
      case 'R' -> "image/webp";
      default -> "image/jpeg";
    };
  }

  private static byte[] thumbnail(EncodedImage image) throws IOException {
    BufferedImage full = ImageIO.read(new ByteArrayInputStream(image.bytes()));
    if (full == null) {
      throw new IOException("Image " + image.sha256() + " is in no format this JVM can draw");
    }
    double scale = Math.min(1, (double) MAX_SIDE / Math.max(full.getWidth(), full.getHeight()));
    BufferedImage small =
        new BufferedImage(
            Math.max(1, (int) (full.getWidth() * scale)),
            Math.max(1, (int) (full.getHeight() * scale)),
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = small.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.drawImage(full, 0, 0, small.getWidth(), small.getHeight(), null);
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(small, "jpeg", out);
    return out.toByteArray();
  }
}
