package io.tokenflex.storage;

/** Names of hidden files that are complete or not, and are about to get another name. */
public final class PartialNames {
  private static final String PREFIX = ".new-";

  private PartialNames() {}

  /** A name that no other process gives. */
  public static String next() {
    return PREFIX + RandomNames.next();
  }

  /** Whether a file has such a name: what stays of one who was killed. */
  public static boolean isPartial(String name) {
    return name.startsWith(PREFIX);
  }
}
