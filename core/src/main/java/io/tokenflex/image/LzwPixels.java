package io.tokenflex.image;

import static io.tokenflex.image.FileBytes.uint8;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.util.Locale;

/** Decompresses the palette indices of a GIF frame (LZW, GIF89a appendix F). */
final class LzwPixels {
  private static final int MOST_CODES = 4096;
  private static final int MOST_BITS = 12;

  private final byte[] file;
  private final int minBits;
  private final short[] prefixes = new short[MOST_CODES];
  private final byte[] lastIndices = new byte[MOST_CODES];
  private final byte[] string = new byte[MOST_CODES + 1];
  private int at;
  private int blockEnd;
  private int bits;
  private int numBits;

  /** Starts at the byte with the minimum code size. */
  LzwPixels(byte[] file, int from) {
    this.file = file;
    this.minBits = uint8(file, from);
    this.at = from + 1;
    this.blockEnd = at;
    if (minBits > MOST_BITS - 1) {
      throw new ImageDecodeException(
          Reason.DAMAGED, "GIF has codes of " + minBits + " bits; at most 11 are possible");
    }
  }

  /**
   * Fills the array; further data are ignored.
   *
   * @throws ImageDecodeException if the data contain fewer indices or an invalid code
   * @throws IndexOutOfBoundsException if the file ends early
   */
  void readInto(byte[] indices) {
    int clear = 1 << minBits;
    int codeBits = minBits + 1;
    int next = clear + 2;
    int previous = -1;
    byte first = 0;
    int count = 0;
    while (count < indices.length) {
      int code = code(codeBits);
      if (code == clear) {
        codeBits = minBits + 1;
        next = clear + 2;
        previous = -1;
        continue;
      }
      boolean isKnown = previous < 0 ? code < clear : code <= next;
      if (code == clear + 1 || !isKnown) {
        throw damaged(code == clear + 1 ? "ends" : "has an impossible code", count, indices.length);
      }
      int length = 0;
      int rest = code;
      if (code == next) { // the code being defined: the previous string plus its first index
        string[length++] = first;
        rest = previous;
      }
      while (rest >= clear) {
        if (length == MOST_CODES) {
          throw damaged("has an endless code", count, indices.length);
        }
        string[length++] = lastIndices[rest];
        rest = prefixes[rest];
      }
      first = (byte) rest;
      string[length++] = first;
      if (previous >= 0 && next < MOST_CODES) {
        prefixes[next] = (short) previous;
        lastIndices[next] = first;
        if (next == (1 << codeBits) - 1 && codeBits < MOST_BITS) {
          codeBits++;
        }
        next++;
      }
      previous = code;
      while (length > 0 && count < indices.length) {
        indices[count++] = string[--length];
      }
    }
  }

  private int code(int codeBits) {
    while (numBits < codeBits) {
      if (at == blockEnd) {
        int blockBytes = uint8(file, at++);
        if (blockBytes == 0) {
          throw new ImageDecodeException(
              Reason.DAMAGED,
              "GIF data end before the last pixel at byte " + at + "; fetch it again");
        }
        blockEnd = at + blockBytes;
        uint8(
            file,
            blockEnd - 1); // a truncated block counts as damage even if its data are not needed
      }
      bits |= uint8(file, at++) << numBits;
      numBits += 8;
    }
    int code = bits & ((1 << codeBits) - 1);
    bits >>>= codeBits;
    numBits -= codeBits;
    return code;
  }

  private ImageDecodeException damaged(String problem, int count, int numPixels) {
    return new ImageDecodeException(
        Reason.DAMAGED,
        String.format(
            Locale.ROOT,
            "GIF frame %s after %d of %d pixels at byte %d; fetch it again",
            problem,
            count,
            numPixels,
            at));
  }
}
