package io.tokenflex.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;

/** A {@code BufferedImage} view of an array of RGB bytes; nothing is copied. */
final class PackedPicture {
  private static final ComponentColorModel RGB =
      new ComponentColorModel(
          ColorSpace.getInstance(ColorSpace.CS_sRGB),
          /* hasAlpha= */ false,
          /* isAlphaPremultiplied= */ false,
          ComponentColorModel.OPAQUE,
          DataBuffer.TYPE_BYTE);

  private PackedPicture() {}

  @SuppressWarnings("MemberName")
  static BufferedImage of(int width, int height, byte[] rgb_YXC) {
    WritableRaster raster =
        Raster.createInterleavedRaster(
            new DataBufferByte(rgb_YXC, rgb_YXC.length),
            width,
            height,
            3 * width,
            3,
            new int[] {0, 1, 2},
            null);
    return new BufferedImage(RGB, raster, /* isRasterPremultiplied= */ false, null);
  }
}
