package io.tokenflex.image;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * What the containers say before any pixel is decoded, read straight from the bytes because the
 * JDK's readers either hide it or forgive its absence.
 *
 * @param numComponents JPEG colour components; 0 for other formats
 * @param adobeTransform the transform of a JPEG's Adobe segment (2: the four components are YCCK),
 *     -1 without one
 * @param exifOffset start of the TIFF block with the orientation, -1 without one
 * @param isAnimated whether a WebP has several frames; {@code false} for other formats
 */
record FileStructure(int numComponents, int adobeTransform, int exifOffset, boolean isAnimated) {
  private static final FileStructure PLAIN = new FileStructure(0, -1, -1, false);
  private static final int PNG_HEADER_BYTES = 8;

  /**
   * Reads the container.
   *
   * @throws ImageDecodeException if it ends early or a checksum is wrong
   */
  static FileStructure of(ImageFormat format, byte[] file) {
    try {
      return switch (format) {
        case JPEG -> ofJpeg(file);
        case PNG -> ofPng(file);
        case WEBP -> ofWebp(file);
        case GIF, BMP -> PLAIN;
      };
    } catch (IndexOutOfBoundsException e) {
      throw new ImageDecodeException(
          Reason.DAMAGED, format + " ends within its header after " + file.length + " bytes", e);
    }
  }

  /** Walks the segments up to the first scan (ITU T.81, annex B). */
  private static FileStructure ofJpeg(byte[] file) {
    int numComponents = 0;
    int adobeTransform = -1;
    int exifOffset = -1;
    int at = 2;
    while (true) {
      while (uint8(file, at) == 0xFF && uint8(file, at + 1) == 0xFF) {
        at++;
      }
      int marker = uint8(file, at + 1);
      if (uint8(file, at) != 0xFF) {
        throw new ImageDecodeException(
            Reason.DAMAGED,
            String.format(Locale.ROOT, "JPEG has no marker at byte %d of %d", at, file.length));
      }
      if (marker == 0xDA || marker == 0xD9) {
        return new FileStructure(numComponents, adobeTransform, exifOffset, false);
      }
      boolean startOfFrame =
          marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
      if (startOfFrame) {
        numComponents = uint8(file, at + 9);
      } else if (marker == 0xEE && ImageFormat.startsWith(file, at + 4, "Adobe")) {
        adobeTransform = uint8(file, at + 15);
      } else if (marker == 0xE1
          && exifOffset < 0
          && ImageFormat.startsWith(file, at + 4, "Exif\0\0")) {
        exifOffset = at + 10;
      }
      at += 2 + uint16(file, at + 2);
    }
  }

  /** Walks the chunks to IEND and checks their sums, which the JDK's reader does not. */
  private static FileStructure ofPng(byte[] file) {
    int exifOffset = -1;
    int at = PNG_HEADER_BYTES;
    while (true) {
      long length = uint32(file, at);
      long end = at + 12 + length;
      if (end > file.length) {
        throw new ImageDecodeException(
            Reason.DAMAGED,
            String.format(
                Locale.ROOT,
                "PNG chunk at byte %d should end at byte %d but the file has %d; fetch it again",
                at,
                end,
                file.length));
      }
      CRC32 crc = new CRC32();
      crc.update(file, at + 4, (int) length + 4);
      if (crc.getValue() != uint32(file, (int) end - 4)) {
        throw new ImageDecodeException(
            Reason.DAMAGED, "PNG chunk at byte " + at + " does not match its checksum");
      }
      if (ImageFormat.startsWith(file, at + 4, "eXIf")) {
        exifOffset = at + 8;
      }
      if (ImageFormat.startsWith(file, at + 4, "IEND")) {
        return new FileStructure(0, -1, exifOffset, false);
      }
      at = (int) end;
    }
  }

  private static FileStructure ofWebp(byte[] file) {
    long end = 8 + uint32LittleEndian(file, 4);
    if (end > file.length) {
      throw new ImageDecodeException(
          Reason.DAMAGED,
          String.format(
              Locale.ROOT,
              "WebP should have %d bytes but has %d; fetch it again",
              end,
              file.length));
    }
    int exifOffset = -1;
    boolean isAnimated = false;
    long at = 12;
    while (at + 8 <= end) {
      if (ImageFormat.startsWith(file, (int) at, "EXIF")) {
        exifOffset =
            (int) at + 8 + (ImageFormat.startsWith(file, (int) at + 8, "Exif\0\0") ? 6 : 0);
      }
      isAnimated |= ImageFormat.startsWith(file, (int) at, "ANIM");
      long length = uint32LittleEndian(file, (int) at + 4);
      at += 8 + length + (length & 1);
    }
    return new FileStructure(0, -1, exifOffset, isAnimated);
  }

  static int uint8(byte[] file, int at) {
    return file[at] & 255;
  }

  static int uint16(byte[] file, int at) {
    return uint8(file, at) << 8 | uint8(file, at + 1);
  }

  static long uint32(byte[] file, int at) {
    return (long) uint16(file, at) << 16 | uint16(file, at + 2);
  }

  private static long uint32LittleEndian(byte[] file, int at) {
    return Integer.toUnsignedLong(Integer.reverseBytes((int) uint32(file, at)));
  }
}
