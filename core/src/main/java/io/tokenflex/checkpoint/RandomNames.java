package io.tokenflex.checkpoint;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Names that no other process gives, nor can guess. */
final class RandomNames {
  private static final SecureRandom RANDOM = new SecureRandom();

  private RandomNames() {}

  /** 16 hex digits. */
  static String next() {
    return HexFormat.of().toHexDigits(RANDOM.nextLong());
  }
}
