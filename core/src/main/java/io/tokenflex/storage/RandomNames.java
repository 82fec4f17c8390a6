package io.tokenflex.storage;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Names that no other process gives, nor can guess. */
public final class RandomNames {
  private static final SecureRandom RANDOM = new SecureRandom();

  private RandomNames() {}

  /** 16 hex digits. */
  public static String next() {
    return HexFormat.of().toHexDigits(RANDOM.nextLong());
  }
}
