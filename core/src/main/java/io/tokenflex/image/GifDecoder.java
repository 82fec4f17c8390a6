package io.tokenflex.image;

import static io.tokenflex.image.FileBytes.uint16LittleEndian;
import static io.tokenflex.image.FileBytes.uint8;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.util.Arrays;

/**
 * Decodes the first frame of a GIF on its logical screen (GIF89a) to the pixels that Pillow gives:
 * the screen is enlarged if the frame exceeds it, and uncovered pixels have the transparent colour,
 * else colour 0. Data that end before the last pixel count as damaged.
 */
final class GifDecoder {
  private static final int SCREEN_BYTES = 13;
  private static final int EXTENSION = 0x21;
  private static final int FRAME = 0x2C;
  private static final int GRAPHIC_CONTROL = 0xF9;

  private final byte[] file;
  private final ImageLimits limits;

  private GifDecoder(byte[] file, ImageLimits limits) {
    this.file = file;
    this.limits = limits;
  }

  /**
   * Decodes a file.
   *
   * @throws ImageDecodeException if it is damaged or outside the limits
   */
  static RgbImage decode(byte[] file, ImageLimits limits) {
    try {
      return new GifDecoder(file, limits).firstFrame();
    } catch (IndexOutOfBoundsException e) {
      throw new ImageDecodeException(
          Reason.DAMAGED,
          "GIF ends within its first frame after " + file.length + " bytes; fetch it again",
          e);
    }
  }

  private RgbImage firstFrame() {
    int screenFlags = uint8(file, 10);
    int at = SCREEN_BYTES + paletteBytes(screenFlags);
    int transparent = -1;
    while (uint8(file, at) != FRAME) {
      if (uint8(file, at) == EXTENSION) {
        boolean isGraphicControl =
            uint8(file, at + 1) == GRAPHIC_CONTROL && uint8(file, at + 2) >= 4;
        if (isGraphicControl && (uint8(file, at + 3) & 1) != 0) {
          transparent = uint8(file, at + 6);
        }
        at = endOfBlocks(at + 2);
      } else if (uint8(file, at) == 0x3B) {
        throw new ImageDecodeException(
            Reason.DAMAGED, "GIF ends without a frame at byte " + at + " of " + file.length);
      } else {
        at++; // unknown blocks are skipped bytewise, as in Pillow
      }
    }
    int left = uint16LittleEndian(file, at + 1);
    int top = uint16LittleEndian(file, at + 3);
    int frameWidth = uint16LittleEndian(file, at + 5);
    int frameHeight = uint16LittleEndian(file, at + 7);
    int frameFlags = uint8(file, at + 9);
    int width = Math.max(left + frameWidth, uint16LittleEndian(file, 6));
    int height = Math.max(top + frameHeight, uint16LittleEndian(file, 8));
    limits.check(ImageFormat.GIF, width, height);
    if (frameWidth == 0 || frameHeight == 0) {
      throw new ImageDecodeException(Reason.DAMAGED, "GIF has a first frame without pixels");
    }
    int localBytes = paletteBytes(frameFlags);
    int[] palette = palette(at + 10, localBytes, paletteBytes(screenFlags));
    byte[] indices = new byte[frameWidth * frameHeight];
    new LzwPixels(file, at + 10 + localBytes).readInto(indices);
    boolean isInterlaced = (frameFlags & 0x40) != 0;
    RgbImage frame = colours(indices, frameWidth, frameHeight, palette, isInterlaced);
    return Canvas.place(frame, width, height, left, top, palette[Math.max(0, transparent)]);
  }

  private static int paletteBytes(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  /**
   * Colours (0xRRGGBB) by index: the local palette, else the global one. As in Pillow, a linear
   * gray palette counts as absent; without a palette, indices are gray levels.
   */
  private int[] palette(int local, int localBytes, int screenBytes) {
    int[] colours = new int[256];
    if (!isOfIndices(local, localBytes)) {
      read(local, localBytes, colours);
    } else if (!isOfIndices(SCREEN_BYTES, screenBytes)) {
      read(SCREEN_BYTES, screenBytes, colours);
    } else {
      Arrays.setAll(colours, level -> 0x010101 * level);
    }
    return colours;
  }

  private boolean isOfIndices(int from, int numBytes) {
    for (int i = 0; i < numBytes; i++) {
      if (uint8(file, from + i) != i / 3) {
        return false;
      }
    }
    return true;
  }

  private void read(int from, int numBytes, int[] colours) {
    for (int i = 0; 3 * i < numBytes; i++) {
      int at = from + 3 * i;
      colours[i] = uint8(file, at) << 16 | uint8(file, at + 1) << 8 | uint8(file, at + 2);
    }
  }

  private int endOfBlocks(int from) {
    int at = from;
    while (uint8(file, at) != 0) {
      at += 1 + uint8(file, at);
    }
    return at + 1;
  }

  private static RgbImage colours(
      byte[] indices, int width, int height, int[] palette, boolean isInterlaced) {
    byte[] rgb_YXC = new byte[3 * indices.length];
    int row = 0;
    int step = isInterlaced ? 8 : 1;
    int pass = 0;
    for (int y = 0; y < height; y++) {
      int to = 3 * row * width;
      for (int i = y * width; i < (y + 1) * width; i++) {
        int colour = palette[indices[i] & 255];
        rgb_YXC[to++] = (byte) (colour >> 16);
        rgb_YXC[to++] = (byte) (colour >> 8);
        rgb_YXC[to++] = (byte) colour;
      }
      row += step;
      // Interlaced passes start at rows 0, 4, 2 and 1; a pass that starts beyond the last row is
      // empty.
      while (isInterlaced && row >= height && pass < 3) {
        pass++;
        row = 8 >> pass;
        step = pass == 1 ? 8 : 16 >> pass;
      }
    }
    return new RgbImage(width, height, rgb_YXC);
  }
}
