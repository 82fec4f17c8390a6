package io.tokenflex.image;

import static io.tokenflex.image.FileBytes.uint32;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Facts from the chunks of a PNG file.
 *
 * @param numColours number of palette entries; pixels with larger indices are black
 * @param orientation EXIF orientation, see {@link OrientationTag}
 */
record PngFile(int numColours, int orientation) {
  private static final int SIGNATURE_BYTES = 8;
  private static final int HEADER_AND_CHECKSUM_BYTES = 12;
  private static final String XMP = "XML:com.adobe.xmp";

  /**
   * Text chunk in which ImageMagick stores EXIF: a name, a length and hex digits, on separate
   * lines.
   */
  private static final String EXIF_PROFILE = "Raw profile type exif";

  /** Limit for decompressed text chunks; Pillow rejects files with longer ones. */
  private static final int MAX_TEXT_BYTES = 1 << 20;

  /**
   * Reads all chunks up to the end mark and verifies their checksums; the JDK's reader accepts
   * missing end marks and wrong checksums.
   *
   * @throws ImageDecodeException if the file is truncated or corrupt
   */
  static PngFile of(byte[] file) {
    Walk walk = new Walk(file);
    try {
      walk.toEnd();
    } catch (IndexOutOfBoundsException e) {
      throw new ImageDecodeException(
          Reason.DAMAGED, "PNG ends within its header after " + file.length + " bytes", e);
    }
    return new PngFile(
        walk.numColours, OrientationTag.of(walk.exif.or(() -> walk.exifProfile), walk.xmp));
  }

  private static final class Walk {
    private final byte[] file;
    private int numColours;
    private Optional<byte[]> exif = Optional.empty();
    private Optional<byte[]> exifProfile = Optional.empty();
    private Optional<byte[]> xmp = Optional.empty();

    Walk(byte[] file) {
      this.file = file;
    }

    void toEnd() {
      int at = SIGNATURE_BYTES;
      while (true) {
        long length = uint32(file, at);
        long end = at + HEADER_AND_CHECKSUM_BYTES + length;
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
        String kind = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
        if (kind.equals("IEND")) {
          return;
        }
        int body = at + 8;
        switch (kind) {
          case "PLTE" -> numColours = (int) length / 3;
          case "eXIf" -> exif = Optional.of(Arrays.copyOfRange(file, body, body + (int) length));
          case "tEXt", "zTXt", "iTXt" -> text(kind, body, body + (int) length);
          default -> {}
        }
        at = (int) end;
      }
    }

    private void text(String kind, int from, int to) {
      int nameEnd = terminator(from, to);
      String name = new String(file, from, nameEnd - from, StandardCharsets.ISO_8859_1);
      if (nameEnd == to || (!name.equals(XMP) && !name.equals(EXIF_PROFILE))) {
        return;
      }
      int at = nameEnd + 1;
      boolean isCompressed = kind.equals("zTXt");
      if (isCompressed) {
        at++; // compression method; only one exists
      } else if (kind.equals("iTXt")) {
        if (to - at < 2) {
          return;
        }
        isCompressed = file[at] != 0;
        at = terminator(at + 2, to) + 1; // language tag
        at = at > to ? at : terminator(at, to) + 1; // translated keyword
      }
      if (at >= to) {
        return;
      }
      Optional<byte[]> value =
          isCompressed ? inflated(at, to) : Optional.of(Arrays.copyOfRange(file, at, to));
      if (name.equals(XMP)) {
        xmp = value.or(() -> xmp);
      } else {
        exifProfile = value.flatMap(Walk::bytesOfProfile).or(() -> exifProfile);
      }
    }

    /** Index of the next zero byte, or {@code to}. */
    private int terminator(int from, int to) {
      int at = from;
      while (at < to && file[at] != 0) {
        at++;
      }
      return at;
    }

    private Optional<byte[]> inflated(int from, int to) {
      Inflater inflater = new Inflater();
      try {
        inflater.setInput(file, from, to - from);
        byte[] text = new byte[MAX_TEXT_BYTES];
        int length = inflater.inflate(text);
        boolean isWhole =
            inflater.finished() || length < text.length; // false if the text is truncated
        return isWhole ? Optional.of(Arrays.copyOf(text, length)) : Optional.empty();
      } catch (DataFormatException e) {
        return Optional.empty();
      } finally {
        inflater.end();
      }
    }

    private static Optional<byte[]> bytesOfProfile(byte[] text) {
      String[] lines = new String(text, StandardCharsets.ISO_8859_1).split("\n", -1);
      StringBuilder digits = new StringBuilder();
      for (int i = 3; i < lines.length; i++) {
        digits.append(lines[i].strip());
      }
      try {
        return Optional.of(HexFormat.of().parseHex(digits));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
  }
}
