package io.tokenflex.score;

/** Levenshtein's distance. */
final class EditDistance {
  private EditDistance() {}

  /** The fewest code points to insert, delete or replace. */
  static int between(String from, String to) {
    int[] source = from.codePoints().toArray();
    int[] target = to.codePoints().toArray();
    int[] previous = new int[target.length + 1];
    for (int j = 0; j <= target.length; j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= source.length; i++) {
      int[] current = new int[target.length + 1];
      current[0] = i;
      for (int j = 1; j <= target.length; j++) {
        int replaced = previous[j - 1] + (source[i - 1] == target[j - 1] ? 0 : 1);
        current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[target.length];
  }
}
