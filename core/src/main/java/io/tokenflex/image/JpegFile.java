package io.tokenflex.image;

import static io.tokenflex.image.FileBytes.uint16;
import static io.tokenflex.image.FileBytes.uint8;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Rewrites a JPEG file so that the JDK's reader decodes it as libjpeg and Pillow do.
 *
 * <p>The JDK's reader applies colour profiles, guesses the colour space from component ids by rules
 * of its own, and fails on some metadata. In the rewritten file components are numbered from 1, one
 * segment states the colour space, invalid scan parameters of sequential files are corrected, and
 * other application segments and comments are removed. The entropy-coded data are unchanged.
 *
 * @param plain the rewritten file
 * @param numComponents 1, 3 or 4
 * @param isYcck whether a four-component file is YCCK rather than CMYK
 * @param hasHalfChromaRows whether chroma is subsampled vertically only (4:4:0)
 * @param orientation EXIF orientation, see {@link OrientationTag}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a record
record JpegFile(
    byte[] plain, int numComponents, boolean isYcck, boolean hasHalfChromaRows, int orientation) {
  private static final int START_OF_IMAGE = 0xD8;
  private static final int END_OF_IMAGE = 0xD9;
  private static final int START_OF_SCAN = 0xDA;
  private static final byte[] JFIF = {
    (byte) 0xFF, (byte) 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
  };

  /** Adobe segment with transform 0: three components are RGB. */
  private static final byte[] ADOBE_UNTRANSFORMED = {
    (byte) 0xFF, (byte) 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0
  };

  private static final String EXIF = "Exif\0\0";
  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";

  /**
   * Parses and rewrites a file.
   *
   * @throws ImageDecodeException if it ends before its first scan or Pillow would reject it
   */
  static JpegFile of(byte[] file) {
    try {
      return new Rewriting(file).jpeg();
    } catch (IndexOutOfBoundsException e) {
      throw new ImageDecodeException(
          Reason.DAMAGED, "JPEG ends within its header after " + file.length + " bytes", e);
    }
  }

  private static final class Rewriting {
    private final byte[] file;
    private final ByteArrayOutputStream tables = new ByteArrayOutputStream(1024);
    private final ByteArrayOutputStream exif = new ByteArrayOutputStream();
    private Optional<byte[]> xmp = Optional.empty();
    private boolean hasJfif;
    private int adobeTransform = -1;
    private int frameMarker;
    private int[] componentIds = {};
    private int[] samplings = {};

    Rewriting(byte[] file) {
      this.file = file;
    }

    JpegFile jpeg() {
      int at = 2;
      while (true) {
        at = nextMarker(at);
        int marker = uint8(file, at - 1);
        if (marker == START_OF_SCAN) {
          break;
        }
        at = segment(marker, at);
      }
      if (componentIds.length == 0) {
        throw damaged("has a scan before its frame header");
      }
      boolean isTransformed = isTransformed();
      if (isLossless() && isTransformed && componentIds.length == 3) {
        throw new ImageDecodeException(
            Reason.UNSUPPORTED,
            "JPEG of "
                + file.length
                + " bytes is lossless YCbCr, which libjpeg does not read either");
      }
      byte[] plain = plain(at - 2, isTransformed);
      return new JpegFile(
          plain,
          componentIds.length,
          componentIds.length == 4 && isTransformed,
          isTransformed && Arrays.equals(samplings, new int[] {0x12, 0x11, 0x11}),
          OrientationTag.of(
              exif.size() == 0 ? Optional.empty() : Optional.of(exif.toByteArray()), xmp));
    }

    /** Position after the next marker; bytes before the marker are ignored, as in libjpeg. */
    private int nextMarker(int from) {
      int at = from;
      while (true) {
        while (uint8(file, at) != 0xFF) {
          at++;
        }
        while (uint8(file, at) == 0xFF) {
          at++;
        }
        int marker = uint8(file, at++);
        boolean standsAlone = marker <= 1 || (marker >= 0xD0 && marker <= 0xD7);
        if (!standsAlone) {
          return at;
        }
      }
    }

    /** Reads or copies the segment whose length field is at {@code at}; returns its end. */
    private int segment(int marker, int at) {
      if (marker == START_OF_IMAGE || marker == END_OF_IMAGE) {
        throw damaged("has no scan before byte " + at);
      }
      int end = at + uint16(file, at);
      if (end < at + 2) {
        throw damaged("has a segment of less than its length at byte " + at);
      }
      int length = end - at - 2;
      uint8(file, end - 1); // throws if the file ends inside the segment
      int body = at + 2;
      if (isFrame(marker)) {
        frame(marker, body, length);
        tables.write(file, at - 2, end - at + 2);
      } else if (marker == 0xE0) {
        hasJfif |= length >= 14 && ImageFormat.startsWith(file, body, "JFIF\0");
      } else if (marker == 0xEE) {
        if (length >= 12 && ImageFormat.startsWith(file, body, "Adobe")) {
          adobeTransform = uint8(file, body + 11);
        }
      } else if (marker == 0xE1) {
        metadata(body, length);
      } else if (!((marker >= 0xE2 && marker <= 0xEF) || marker == 0xFE)) {
        tables.write(file, at - 2, end - at + 2);
      }
      return end;
    }

    private static boolean isFrame(int marker) {
      return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    }

    private void frame(int marker, int body, int length) {
      if (componentIds.length > 0) {
        throw damaged("has two frame headers");
      }
      int precision = uint8(file, body);
      int numComponents = uint8(file, body + 5);
      if (length != 6 + 3 * numComponents) {
        throw damaged("has a frame header of the wrong length");
      }
      boolean hasKnownComponents = numComponents == 1 || numComponents == 3 || numComponents == 4;
      if (precision != 8 || !hasKnownComponents) {
        throw new ImageDecodeException(
            Reason.UNSUPPORTED,
            String.format(
                Locale.ROOT,
                "JPEG of %d bytes has %d components of %d bits; expected 1, 3 or 4 of 8",
                file.length,
                numComponents,
                precision));
      }
      if (uint16(file, body + 1) == 0 || uint16(file, body + 3) == 0) {
        throw damaged("is of no height or no width");
      }
      frameMarker = marker;
      componentIds = new int[numComponents];
      samplings = new int[numComponents];
      for (int i = 0; i < numComponents; i++) {
        componentIds[i] = uint8(file, body + 6 + 3 * i);
        samplings[i] = uint8(file, body + 7 + 3 * i);
      }
    }

    private void metadata(int body, int length) {
      if (ImageFormat.startsWith(file, body, EXIF) && length >= EXIF.length()) {
        // EXIF data larger than a segment continue in the next one.
        exif.write(file, body + EXIF.length(), length - EXIF.length());
      } else if (ImageFormat.startsWith(file, body, XMP) && length >= XMP.length()) {
        xmp = Optional.of(Arrays.copyOfRange(file, body + XMP.length(), body + length));
      }
    }

    /** Whether the components are YCC or YCCK, by libjpeg's rules. */
    private boolean isTransformed() {
      return switch (componentIds.length) {
        case 3 -> {
          if (hasJfif) {
            yield true;
          }
          if (adobeTransform >= 0) {
            yield adobeTransform != 0;
          }
          yield !isLossless() && !Arrays.equals(componentIds, new int[] {'R', 'G', 'B'});
        }
        case 4 -> adobeTransform > 0;
        default -> true;
      };
    }

    private boolean isLossless() {
      return frameMarker == 0xC3 || frameMarker == 0xCB;
    }

    private boolean isSequential() {
      return frameMarker == 0xC0 || frameMarker == 0xC1 || frameMarker == 0xC9;
    }

    private byte[] plain(int firstScan, boolean isTransformed) {
      byte[] colours = componentIds.length == 4 ? new byte[0] : JFIF;
      if (!isTransformed) {
        colours = componentIds.length == 4 ? colours : ADOBE_UNTRANSFORMED;
      }
      int scanBytes = file.length - firstScan;
      int scansAt = 2 + colours.length + tables.size();
      boolean isOneScan = isSequential() && uint8(file, firstScan + 4) == componentIds.length;
      byte[] plain = new byte[scansAt + scanBytes];
      plain[0] = (byte) 0xFF;
      plain[1] = (byte) START_OF_IMAGE;
      System.arraycopy(colours, 0, plain, 2, colours.length);
      System.arraycopy(tables.toByteArray(), 0, plain, 2 + colours.length, tables.size());
      System.arraycopy(file, firstScan, plain, scansAt, scanBytes);
      numberComponents(plain, 2 + colours.length, scansAt);
      mendScans(plain, scansAt, isOneScan);
      return plain;
    }

    /** Renumbers the components of the frame header from 1. */
    private void numberComponents(byte[] plain, int from, int to) {
      for (int at = from; at < to; at += 2 + uint16(plain, at + 2)) {
        if (isFrame(uint8(plain, at + 1))) {
          for (int i = 0; i < componentIds.length; i++) {
            plain[at + 10 + 3 * i] = (byte) (i + 1);
          }
        }
      }
    }

    private void mendScans(byte[] plain, int first, boolean isOneScan) {
      mendScan(plain, first);
      boolean areNumbered = true;
      for (int i = 0; i < componentIds.length; i++) {
        areNumbered &= componentIds[i] == i + 1;
      }
      if (isOneScan || (areNumbered && !isSequential())) {
        return;
      }
      int at = first + 2 + uint16(plain, first + 2);
      while (at + 1 < plain.length) {
        int marker = plain[at + 1] & 255;
        boolean isCoded =
            plain[at] != (byte) 0xFF
                || marker <= 1
                || marker == 0xFF
                || (marker >= 0xD0 && marker <= 0xD7);
        if (isCoded) {
          at++;
        } else if (marker == END_OF_IMAGE || at + 3 >= plain.length) {
          return;
        } else {
          if (marker == START_OF_SCAN) {
            mendScan(plain, at);
          }
          at += 2 + uint16(plain, at + 2);
        }
      }
    }

    /**
     * Renumbers the components of a scan and sets the spectral selection and approximation that
     * sequential files require.
     */
    private void mendScan(byte[] plain, int at) {
      int numInScan = uint8(plain, at + 4);
      boolean[] isTaken = new boolean[componentIds.length];
      for (int i = 0; i < numInScan; i++) {
        int component = componentOf(uint8(plain, at + 5 + 2 * i), isTaken);
        isTaken[component] = true;
        plain[at + 5 + 2 * i] = (byte) (component + 1);
      }
      if (isSequential()) {
        int parameters = at + 5 + 2 * numInScan;
        plain[parameters] = 0;
        plain[parameters + 1] = 63;
        plain[parameters + 2] = 0;
      }
    }

    private int componentOf(int id, boolean[] isTaken) {
      for (int i = 0; i < componentIds.length; i++) {
        if (componentIds[i] == id && !isTaken[i]) {
          return i;
        }
      }
      throw damaged("has a scan of component " + id + ", which its frame lacks");
    }

    private ImageDecodeException damaged(String problem) {
      return new ImageDecodeException(
          Reason.DAMAGED,
          String.format(
              Locale.ROOT,
              "JPEG of %d bytes %s; it is incomplete or altered, fetch it again",
              file.length,
              problem));
    }
  }
}
