package io.tokenflex.jobs.report;

import io.tokenflex.data.EncodedImage;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** A picture as a {@code data:} URI, so that the page needs no other file. */
final class PictureUri {
  /** Larger files are drawn smaller. */
  private static final int MAX_BYTES = 60_000;

  private static final int MAX_SIDE = 480;

  private PictureUri() {}

  static String of(EncodedImage image) throws IOException {
    byte[] bytes = image.bytes().length <= MAX_BYTES ? image.bytes() : thumbnail(image);
    return "data:" + mediaType(bytes) + ";base64," + Base64.getEncoder().encodeToString(bytes);
  }

  private static String mediaType(byte[] bytes) {
    return switch (bytes.length == 0 ? 0 : bytes[0] & 0xff) {
      case 0x89 -> "image/png";
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
