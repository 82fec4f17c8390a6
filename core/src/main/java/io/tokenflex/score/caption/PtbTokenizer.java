package io.tokenflex.score.caption;

import io.tokenflex.python.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A caption as the COCO authors' code compares it: words as the Penn Treebank splits them, in lower
 * case, without punctuation. What their Java tokenizer (Stanford's PTBTokenizer 3.4.1) does to text
 * as it occurs in captions; brackets become {@code -lrb-} and the like and stay.
 */
public final class PtbTokenizer {
  /** Dropped as they stand, before the case is changed in the original: {@code -LRB-} is not. */
  private static final Set<String> PUNCTUATION =
      Set.of("''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";");

  private PtbTokenizer() {}

  /** The words, separated by single blanks. */
  public static String tokenize(String caption) {
    List<String> words = new ArrayList<>();
    for (String token : new PtbLexer(caption.replace('\n', ' ')).tokens()) {
      String word = PythonText.lower(token);
      if (!word.isEmpty() && !PUNCTUATION.contains(word)) {
        words.add(word);
      }
    }
    return String.join(" ", words);
  }
}
