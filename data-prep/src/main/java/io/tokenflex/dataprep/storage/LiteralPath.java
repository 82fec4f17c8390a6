package io.tokenflex.dataprep.storage;

/**
 * Paths for Spark's readers, which take {@code {}[]*?} in a path for a pattern: a folder of such a
 * name would not be found, or others would be read in its place.
 */
public final class LiteralPath {
  private static final String PATTERN_CHARACTERS = "{}[]*?\\";

  private LiteralPath() {}

  /** A path as a pattern that only the path itself matches. */
  public static String of(String path) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (PATTERN_CHARACTERS.indexOf(c) >= 0) {
        pattern.append('\\');
      }
      pattern.append(c);
    }
    return pattern.toString();
  }
}
