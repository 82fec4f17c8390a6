package io.tokenflex.jobs.pages.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;

/**
 * Colours: a ramp from few tokens (amber) over teal to many (indigo), and distinct ones for kinds.
 * They are CSS variables, for each has a value on light pages and one on dark pages.
 */
public final class Palette {
  private static final int[][] LIGHT = {{224, 138, 30}, {24, 148, 138}, {64, 74, 168}};
  private static final int[][] DARK = {{243, 176, 82}, {72, 200, 188}, {146, 156, 250}};

  /** {@code --kind-0} and so on in page.css. */
  private static final int NUM_KINDS = 8;

  /** Of no count and no kind: what is compared with, and what leads. */
  public static final String SOFT = "var(--soft)";

  public static final String ACCENT = "var(--accent)";

  private final List<Integer> counts;

  /** A CSS variable of the page. */
  public record Colour(String name, String light, String dark) {}

  /** A palette in which every token count of the report has its own colour. */
  public Palette(SortedSet<Integer> counts) {
    this.counts = List.copyOf(counts);
  }

  public String ofCount(int numVisionTokens) {
    return "var(" + variable(numVisionTokens) + ")";
  }

  public static String ofKind(int index) {
    return String.format(Locale.ROOT, "var(--kind-%d)", index % NUM_KINDS);
  }

  /** The variables that {@link #ofCount} names; the page must define them. */
  public List<Colour> variables() {
    List<Colour> variables = new ArrayList<>();
    for (int i = 0; i < counts.size(); i++) {
      double at = counts.size() < 2 ? 1 : i / (counts.size() - 1.0);
      variables.add(new Colour(variable(counts.get(i)), along(LIGHT, at), along(DARK, at)));
    }
    return variables;
  }

  private static String variable(int count) {
    return String.format(Locale.ROOT, "--count-%d", count);
  }

  /** The colour at a fraction of the way along a ramp. */
  private static String along(int[][] ramp, double fraction) {
    double at = fraction * (ramp.length - 1);
    int from = Math.min((int) at, ramp.length - 2);
    int[] rgb = new int[3];
    for (int i = 0; i < 3; i++) {
      rgb[i] = (int) Math.round(ramp[from][i] + (at - from) * (ramp[from + 1][i] - ramp[from][i]));
    }
    return String.format(Locale.ROOT, "#%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
  }
}
