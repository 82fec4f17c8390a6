package io.tokenflex.testing;

import io.tokenflex.image.RgbImage;
import io.tokenflex.image.SeededPicture;
import io.tokenflex.samples.EncodedImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** Seeded pictures as files. */
public final class Pictures {
  private Pictures() {}

  /** A PNG of a {@link SeededPicture}. */
  public static EncodedImage png(int width, int height, int seed) {
    return png(SeededPicture.of(width, height, seed), 0, 0, width, height);
  }

  /** A PNG of a part of {@code picture}. */
  public static EncodedImage png(RgbImage picture, int left, int top, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    byte[] levels = picture.rgb_YXC();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = 3 * ((top + y) * picture.width() + left + x);
        int rgb =
            ((levels[at] & 255) << 16) | ((levels[at + 1] & 255) << 8) | (levels[at + 2] & 255);
        image.setRGB(x, y, rgb);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new EncodedImage(out.toByteArray(), width, height, "png");
  }
}
