package io.tokenflex.jobs.answers;

import java.io.Serializable;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A group of rows at one token count: what is answered and committed at once. */
public record Slice(int group, int numVisionTokens) implements Serializable, Comparable<Slice> {
  private static final Pattern FILE =
      Pattern.compile("slice-(\\d+)-at-(\\d+)-(\\d+)-broken-(\\d+)\\.json");
  private static final Comparator<Slice> ORDER =
      Comparator.comparingInt(Slice::group).thenComparingInt(Slice::numVisionTokens);

  /** Stands for a number of vision tokens that the model chooses for each row. */
  public static final int AUTO = 0;

  static String countInWords(int numVisionTokens) {
    return numVisionTokens == AUTO ? "auto" : Integer.toString(numVisionTokens);
  }

  @Override
  public int compareTo(Slice other) {
    return ORDER.compare(this, other);
  }

  /**
   * Name of its file; the numbers of rows, and of broken ones among them, tell who only lists the
   * folder how far it is.
   */
  String fileName(int numRows, int numBroken) {
    return String.format(
        Locale.ROOT,
        "slice-%06d-at-%04d-%d-broken-%d.json",
        group,
        numVisionTokens,
        numRows,
        numBroken);
  }

  /**
   * A slice that is there.
   *
   * @param fileName under which it lies
   * @param numRows answers in it, empty ones of broken rows among them
   * @param numBroken broken rows in it
   */
  record Committed(Slice slice, String fileName, int numRows, int numBroken) {
    /** Empty for other files, such as what a process left that was killed while it wrote. */
    static Optional<Committed> parse(String fileName) {
      Matcher matcher = FILE.matcher(fileName);
      return matcher.matches()
          ? Optional.of(
              new Committed(
                  new Slice(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))),
                  fileName,
                  Integer.parseInt(matcher.group(3)),
                  Integer.parseInt(matcher.group(4))))
          : Optional.empty();
    }
  }
}
