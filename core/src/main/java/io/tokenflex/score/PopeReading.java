package io.tokenflex.score;

import io.tokenflex.python.PythonText;
import java.util.List;
import java.util.Optional;

/** How three programs read an answer to POPE. */
public enum PopeReading {
  /** As every yes/no question. */
  VLMEVALKIT {
    @Override
    public Optional<String> read(String prediction) {
      return Optional.of(YesNoScorer.read(prediction))
          .filter(read -> !read.equals(YesNoScorer.UNKNOWN))
          .map(PythonText::lower);
    }
  },
  /** The words up to the first full stop hold {@code No}, {@code no} or {@code not}, else yes. */
  AUTHORS {
    @Override
    public Optional<String> read(String prediction) {
      String sentence = PythonText.split(prediction, ".").get(0).replace(",", "");
      List<String> words = PythonText.split(sentence, " ");
      boolean no = words.contains("No") || words.contains("not") || words.contains("no");
      return Optional.of(no ? "no" : "yes");
    }
  },
  /** The bare word and nothing else. */
  LMMS_EVAL {
    @Override
    public Optional<String> read(String prediction) {
      String word = PythonText.strip(PythonText.lower(prediction));
      return Optional.of(word).filter(text -> text.equals("yes") || text.equals("no"));
    }
  };

  /** {@code yes}, {@code no}, or empty for neither. */
  public abstract Optional<String> read(String prediction);
}
