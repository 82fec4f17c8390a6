package io.tokenflex.image;

/** Reads integers from a byte array; reading past the end throws IndexOutOfBoundsException. */
final class FileBytes {
  private FileBytes() {}

  static int uint8(byte[] file, int at) {
    return file[at] & 255;
  }

  static int uint16(byte[] file, int at) {
    return uint8(file, at) << 8 | uint8(file, at + 1);
  }

  static long uint32(byte[] file, int at) {
    return (long) uint16(file, at) << 16 | uint16(file, at + 2);
  }

  static int uint16LittleEndian(byte[] file, int at) {
    return uint8(file, at) | uint8(file, at + 1) << 8;
  }

  static int uint24LittleEndian(byte[] file, int at) {
    return uint16LittleEndian(file, at) | uint8(file, at + 2) << 16;
  }

  static long uint32LittleEndian(byte[] file, int at) {
    return uint16LittleEndian(file, at) | (long) uint16LittleEndian(file, at + 2) << 16;
  }
}
