package io.tokenflex.score;

import io.tokenflex.python.PythonText;
import java.util.List;

/**
 * Yes or no as VLMEvalKit reads it ({@code YOrN_Extraction}): the one of the two words that stands
 * in the answer alone, else unknown. The reference must read {@code Yes} or {@code No} exactly.
 */
public final class YesNoScorer implements Scorer {
  public static final String YES = "Yes";
  public static final String NO = "No";
  public static final String UNKNOWN = "Unknown";

  @Override
  public Score score(Reference reference, String prediction) {
    String read = read(prediction);
    return read.equals(UNKNOWN)
        ? Score.unparsed()
        : Score.of(reference.asListed().contains(read), read);
  }

  /** {@link #YES}, {@link #NO} or {@link #UNKNOWN}. */
  public static String read(String prediction) {
    List<String> words =
        PythonText.split(VqaNormalisation.VLMEVALKIT.punctuation(PythonText.lower(prediction)));
    boolean yes = words.contains("yes");
    boolean no = words.contains("no");
    if (yes == no) {
      return UNKNOWN;
    }
    return yes ? YES : NO;
  }
}
