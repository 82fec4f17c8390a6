package io.tokenflex.image;

import io.tokenflex.image.ImageDecodeException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Supported file formats, recognized by their first bytes; file names are ignored. */
enum ImageFormat {
  JPEG,
  PNG,
  GIF,
  BMP,
  WEBP;

  static ImageFormat of(byte[] file) {
    if (startsWith(file, 0, "\u00ff\u00d8\u00ff")) {
      return JPEG;
    }
    if (startsWith(file, 0, "\u0089PNG\r\n\u001a\n")) {
      return PNG;
    }
    if (startsWith(file, 0, "GIF87a") || startsWith(file, 0, "GIF89a")) {
      return GIF;
    }
    if (startsWith(file, 0, "BM")) {
      return BMP;
    }
    if (startsWith(file, 0, "RIFF") && startsWith(file, 8, "WEBP")) {
      return WEBP;
    }
    throw new ImageDecodeException(
        Reason.NOT_AN_IMAGE,
        String.format(
            Locale.ROOT,
            "%d bytes starting with '%s'; expected a JPEG, PNG, GIF, BMP or WebP file",
            file.length,
            printableStart(file)));
  }

  static boolean startsWith(byte[] file, int offset, String latin1) {
    if (offset < 0 || file.length - offset < latin1.length()) {
      return false;
    }
    for (int i = 0; i < latin1.length(); i++) {
      if ((file[offset + i] & 255) != latin1.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static String printableStart(byte[] file) {
    String start = new String(file, 0, Math.min(file.length, 24), StandardCharsets.ISO_8859_1);
    return start.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
