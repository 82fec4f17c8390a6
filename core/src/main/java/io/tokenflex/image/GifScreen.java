package io.tokenflex.image;

import static io.tokenflex.image.FileStructure.uint8;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.util.Locale;

/**
 * The screen on which a GIF's first frame is shown. The JDK's reader gives the frame alone, which
 * may be a small part of the picture.
 *
 * @param width pixels; at least up to the frame's right edge
 * @param height pixels; at least down to the frame's lower edge
 * @param left column of the frame's left edge
 * @param top row of the frame's upper edge
 * @param fill 0xRRGGBB around the frame: the transparent colour or the palette's first, as in
 *     Pillow
 */
record GifScreen(int width, int height, int left, int top, int fill) {
  /**
   * Walks the blocks up to the first frame (GIF89a, sections 17 to 23).
   *
   * @throws ImageDecodeException if the file ends before
   */
  static GifScreen of(byte[] file) {
    try {
      int globalPalette = 13;
      int at = globalPalette + paletteBytes(uint8(file, 10));
      int transparentIndex = 0;
      while (uint8(file, at) == 0x21) {
        boolean isGraphicControl = uint8(file, at + 1) == 0xF9 && uint8(file, at + 2) >= 4;
        if (isGraphicControl && (uint8(file, at + 3) & 1) != 0) {
          transparentIndex = uint8(file, at + 6);
        }
        at += 2;
        while (uint8(file, at) != 0) {
          at += 1 + uint8(file, at);
        }
        at++;
      }
      if (uint8(file, at) != 0x2C) {
        throw new ImageDecodeException(
            Reason.DAMAGED,
            String.format(
                Locale.ROOT,
                "GIF has neither a frame nor an extension at byte %d of %d",
                at,
                file.length));
      }
      int left = uint16LittleEndian(file, at + 1);
      int top = uint16LittleEndian(file, at + 3);
      int right = left + uint16LittleEndian(file, at + 5);
      int bottom = top + uint16LittleEndian(file, at + 7);
      int localBytes = paletteBytes(uint8(file, at + 9));
      int palette = localBytes > 0 ? at + 10 : globalPalette;
      int numBytes = localBytes > 0 ? localBytes : paletteBytes(uint8(file, 10));
      int fill = colour(file, palette, numBytes, transparentIndex);
      return new GifScreen(
          Math.max(right, uint16LittleEndian(file, 6)),
          Math.max(bottom, uint16LittleEndian(file, 8)),
          left,
          top,
          fill);
    } catch (IndexOutOfBoundsException e) {
      throw new ImageDecodeException(
          Reason.DAMAGED, "GIF ends before its first frame after " + file.length + " bytes", e);
    }
  }

  /** Shows the frame in its place. */
  RgbImage place(RgbImage frame) {
    if (frame.width() == width && frame.height() == height) {
      return frame;
    }
    byte[] rgb_YXC = new byte[3 * width * height];
    for (int i = 0; i < rgb_YXC.length; i += 3) {
      rgb_YXC[i] = (byte) (fill >> 16);
      rgb_YXC[i + 1] = (byte) (fill >> 8);
      rgb_YXC[i + 2] = (byte) fill;
    }
    int rowBytes = 3 * frame.width();
    for (int y = 0; y < frame.height(); y++) {
      int to = 3 * ((top + y) * width + left);
      System.arraycopy(frame.rgb_YXC(), y * rowBytes, rgb_YXC, to, rowBytes);
    }
    return new RgbImage(width, height, rgb_YXC);
  }

  private static int colour(byte[] file, int palette, int numBytes, int index) {
    int at = palette + 3 * index;
    if (3 * index >= numBytes) {
      return 0;
    }
    return uint8(file, at) << 16 | uint8(file, at + 1) << 8 | uint8(file, at + 2);
  }

  private static int paletteBytes(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  private static int uint16LittleEndian(byte[] file, int at) {
    return uint8(file, at) | uint8(file, at + 1) << 8;
  }
}
