package io.tokenflex.image;

import static io.tokenflex.image.FileBytes.uint16;
import static io.tokenflex.image.FileBytes.uint16LittleEndian;
import static io.tokenflex.image.FileBytes.uint32;
import static io.tokenflex.image.FileBytes.uint32LittleEndian;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the orientation of an image (TIFF tag 0x0112, values 1 to 8) as Pillow's {@code
 * ImageOps.exif_transpose} does: from the EXIF block, or from the XMP packet if EXIF lacks the tag.
 * A tag with an invalid value counts as upright and hides XMP; so does a block that is not TIFF,
 * for which Pillow raises an error.
 */
final class OrientationTag {
  private static final int TAG = 0x0112;
  private static final int HEADER_BYTES = 8;
  private static final int ENTRY_BYTES = 12;
  private static final String EXIF_PREFIX = "Exif\0\0";

  /** Byte order and version; some writers swap the bytes of the version. */
  private static final List<String> HEADERS = List.of("MM\0*", "II*\0", "MM*\0", "II\0*", "MM\0+");

  private static final Pattern XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

  private final byte[] block;
  private final boolean isLittleEndian;

  private OrientationTag(byte[] block) {
    this.block = block;
    this.isLittleEndian = block[0] == 'I';
  }

  /**
   * Reads the orientation.
   *
   * @param exif the EXIF block, with or without its {@code Exif} prefix
   * @param xmp the XMP packet
   */
  static int of(Optional<byte[]> exif, Optional<byte[]> xmp) {
    byte[] block = exif.map(OrientationTag::withoutPrefix).orElse(new byte[0]);
    if (block.length > 0) {
      if (block.length < HEADER_BYTES
          || HEADERS.stream().noneMatch(header -> ImageFormat.startsWith(block, 0, header))) {
        return Orientation.UPRIGHT;
      }
      Optional<Double> value = new OrientationTag(block).value();
      if (value.isPresent()) {
        return known(value.get());
      }
    }
    return xmp.map(OrientationTag::ofXmp).orElse(Orientation.UPRIGHT);
  }

  private static int ofXmp(byte[] packet) {
    Matcher found = XMP.matcher(new String(packet, StandardCharsets.ISO_8859_1));
    return found.find() ? known(found.group(1).charAt(0) - '0') : Orientation.UPRIGHT;
  }

  private static int known(double value) {
    return value >= 1 && value <= 8 && value == Math.rint(value)
        ? (int) value
        : Orientation.UPRIGHT;
  }

  private static byte[] withoutPrefix(byte[] block) {
    int from = 0;
    for (int i = 0; i < 2 && ImageFormat.startsWith(block, from, EXIF_PREFIX); i++) {
      from += EXIF_PREFIX.length();
    }
    return Arrays.copyOfRange(block, from, block.length);
  }

  /** The tag's first value; empty if the directory lacks the tag or is truncated before it. */
  private Optional<Double> value() {
    long directory = int32(4);
    if (directory + 2 > block.length) {
      return Optional.empty();
    }
    int numEntries = int16((int) directory);
    long bytesElsewhere = 0;
    for (int i = 0; i < numEntries; i++) {
      long entry = directory + 2 + (long) ENTRY_BYTES * i;
      if (entry + ENTRY_BYTES > block.length) {
        return Optional.empty();
      }
      int at = (int) entry;
      int type = int16(at + 2);
      long length = int32(at + 4) * bytesOf(type);
      int valueAt = at + 8;
      if (length > 4) {
        long elsewhere = int32(at + 8);
        bytesElsewhere += length;
        if (bytesElsewhere > block.length) {
          continue;
        }
        if (elsewhere + length > block.length) {
          return Optional.empty(); // Pillow stops at a value outside the block
        }
        valueAt = (int) elsewhere;
      }
      if (length > 0 && int16(at) == TAG) {
        return Optional.of(number(type, valueAt));
      }
    }
    return Optional.empty();
  }

  /** Size of a TIFF type in bytes; 0 for unknown types. */
  private static int bytesOf(int type) {
    return switch (type) {
      case 1, 2, 6, 7 -> 1;
      case 3, 8 -> 2;
      case 4, 9, 11, 13 -> 4;
      case 5, 10, 12, 16 -> 8;
      default -> 0;
    };
  }

  /** The first value of an entry; NaN for bytes and text. */
  private double number(int type, int at) {
    return switch (type) {
      case 3 -> int16(at);
      case 4, 13 -> int32(at);
      case 6 -> block[at];
      case 8 -> (short) int16(at);
      case 9 -> (int) int32(at);
      case 5 -> (double) int32(at) / int32(at + 4);
      case 10 -> (double) (int) int32(at) / (int) int32(at + 4);
      case 11 -> Float.intBitsToFloat((int) int32(at));
      case 12 -> Double.longBitsToDouble(int64(at));
      case 16 -> int64(at);
      default -> Double.NaN;
    };
  }

  private int int16(int at) {
    return isLittleEndian ? uint16LittleEndian(block, at) : uint16(block, at);
  }

  private long int32(int at) {
    return isLittleEndian ? uint32LittleEndian(block, at) : uint32(block, at);
  }

  private long int64(int at) {
    long first = int32(at);
    long second = int32(at + 4);
    return isLittleEndian ? second << 32 | first : first << 32 | second;
  }
}
