package io.tokenflex.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferInt;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.SinglePixelPackedSampleModel;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;

/**
 * Extracts stored samples from the JDK's images.
 *
 * <p>{@code getRGB} and {@code drawImage} convert between colour spaces, which changes gray and
 * 16-bit values. Like Pillow's {@code convert("RGB")}, this class copies samples: gray is
 * replicated, 16-bit values keep their high byte, alpha is dropped.
 */
final class RasterReader {
  private static final int[] RED_GREEN_BLUE = {0xFF0000, 0xFF00, 0xFF};

  private RasterReader() {}

  static byte[] rgb(BufferedImage image) {
    return rgb(image, 256);
  }

  /**
   * RGB bytes of an image.
   *
   * @param numColours number of palette entries in the file; the JDK's readers pad the palette, but
   *     larger indices are black here, as in Pillow
   */
  static byte[] rgb(BufferedImage image, int numColours) {
    Raster raster = image.getRaster();
    ColorModel colours = image.getColorModel();
    if (colours instanceof IndexColorModel palette) {
      return ofPalette(raster, palette, numColours);
    }
    if (colours.isAlphaPremultiplied()) {
      image.coerceData(false);
    }
    boolean gray = colours.getNumColorComponents() == 1;
    if (raster.getSampleModel() instanceof PixelInterleavedSampleModel layout
        && raster.getDataBuffer() instanceof DataBufferByte buffer
        && layout.getTransferType() == DataBuffer.TYPE_BYTE) {
      return ofBytes(raster, layout, buffer, gray);
    }
    if (raster.getSampleModel() instanceof SinglePixelPackedSampleModel layout
        && raster.getDataBuffer() instanceof DataBufferInt buffer
        && Arrays.equals(Arrays.copyOf(layout.getBitMasks(), 3), RED_GREEN_BLUE)) {
      return ofPackedInts(raster, layout, buffer);
    }
    return ofSamples(raster, gray);
  }

  /**
   * Decodes a three-component JPEG directly into the result array; the JDK's own images are BGR,
   * and its reader converts every row slowly.
   */
  static byte[] rgbOfJpeg(ImageReader reader) throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    byte[] rgb_YXC = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
    ImageReadParam param = reader.getDefaultReadParam();
    param.setDestination(PackedPicture.of(width, height, rgb_YXC));
    reader.read(0, param);
    return rgb_YXC;
  }

  private static byte[] ofPalette(Raster raster, IndexColorModel palette, int numColours) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] rgb = new byte[Math.multiplyExact(3, width * height)];
    int known = numColours == 0 ? palette.getMapSize() : numColours;
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < height; y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      for (int index : row) {
        int colour = index < known ? palette.getRGB(index) : 0;
        rgb[at++] = (byte) (colour >> 16);
        rgb[at++] = (byte) (colour >> 8);
        rgb[at++] = (byte) colour;
      }
    }
    return rgb;
  }

  private static byte[] ofBytes(
      Raster raster, PixelInterleavedSampleModel layout, DataBufferByte buffer, boolean gray) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] samples = buffer.getData();
    int[] bands = layout.getBandOffsets();
    int red = bands[0];
    int green = bands[gray ? 0 : 1];
    int blue = bands[gray ? 0 : 2];
    int step = layout.getPixelStride();
    boolean isPacked =
        step == 3
            && layout.getScanlineStride() == 3 * width
            && buffer.getOffset() == 0
            && samples.length == 3 * width * height;
    if (isPacked && red == 0 && green == 1 && blue == 2) {
      return samples; // the image is discarded, so its array can be returned
    }
    byte[] rgb = new byte[Math.multiplyExact(3, width * height)];
    for (int y = 0; y < height; y++) {
      int from = buffer.getOffset() + y * layout.getScanlineStride();
      int to = 3 * y * width;
      for (int x = 0; x < width; x++) {
        rgb[to + 3 * x] = samples[from + x * step + red];
        rgb[to + 3 * x + 1] = samples[from + x * step + green];
        rgb[to + 3 * x + 2] = samples[from + x * step + blue];
      }
    }
    return rgb;
  }

  private static byte[] ofPackedInts(
      Raster raster, SinglePixelPackedSampleModel layout, DataBufferInt buffer) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int[] pixels = buffer.getData();
    byte[] rgb = new byte[Math.multiplyExact(3, width * height)];
    int at = 0;
    for (int y = 0; y < height; y++) {
      int from = buffer.getOffset() + y * layout.getScanlineStride();
      for (int x = 0; x < width; x++) {
        int pixel = pixels[from + x];
        rgb[at++] = (byte) (pixel >> 16);
        rgb[at++] = (byte) (pixel >> 8);
        rgb[at++] = (byte) pixel;
      }
    }
    return rgb;
  }

  private static byte[] ofSamples(Raster raster, boolean gray) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] rgb = new byte[Math.multiplyExact(3, width * height)];
    int[] row = new int[width];
    for (int channel = 0; channel < 3; channel++) {
      int band = gray ? 0 : channel;
      int shift = Math.max(0, raster.getSampleModel().getSampleSize(band) - 8);
      for (int y = 0; y < height; y++) {
        raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, band, row);
        int to = 3 * y * width + channel;
        for (int x = 0; x < width; x++) {
          rgb[to + 3 * x] = (byte) (row[x] >> shift);
        }
      }
    }
    return rgb;
  }
}
