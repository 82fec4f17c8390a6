package io.tokenflex.jobs.html;

import java.util.List;
import java.util.Locale;
import java.util.SortedSet;

/**
 * Colours: a ramp from few tokens (amber) over teal to many (indigo), and distinct ones for kinds.
 */
public final class Palette {
  private static final int[][] RAMP = {{232, 151, 44}, {34, 154, 144}, {64, 74, 168}};
  private static final List<String> KINDS =
      List.of(
          "#c2410c", "#2563eb", "#15803d", "#a21caf", "#0e7490", "#b45309", "#be123c", "#4d7c0f");

  private final List<Integer> counts;

  /** A palette in which every token count of the report has its own colour. */
  public Palette(SortedSet<Integer> counts) {
    this.counts = List.copyOf(counts);
  }

  public String ofCount(int numVisionTokens) {
    int index = Math.max(0, counts.indexOf(numVisionTokens));
    double at = counts.size() < 2 ? 1 : index * (RAMP.length - 1.0) / (counts.size() - 1);
    int from = Math.min((int) at, RAMP.length - 2);
    int[] rgb = new int[3];
    for (int i = 0; i < 3; i++) {
      rgb[i] = (int) Math.round(RAMP[from][i] + (at - from) * (RAMP[from + 1][i] - RAMP[from][i]));
    }
    return String.format(Locale.ROOT, "#%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
  }

  public static String ofKind(int index) {
    return KINDS.get(index % KINDS.size());
  }
}
