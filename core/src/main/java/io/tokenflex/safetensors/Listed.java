package io.tokenflex.safetensors;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Formats lists for messages: the first items and the number of the others. */
public final class Listed {
  private static final int MAX_ITEMS = 12;
  private static final int MAX_CHARACTERS = 300;

  private Listed() {}

  /** The first items, separated by semicolons, and the number of remaining ones. */
  public static String of(Collection<?> items) {
    if (items.isEmpty()) {
      return "nothing";
    }
    List<String> shown = new ArrayList<>();
    for (Object item : items) {
      if (shown.size() == MAX_ITEMS) {
        shown.add(String.format(Locale.ROOT, "and %d more", items.size() - MAX_ITEMS));
        break;
      }
      shown.add(bounded(String.valueOf(item)));
    }
    return String.join("; ", shown);
  }

  /** A text from elsewhere, truncated to fit a line. */
  public static String bounded(String text) {
    return text.length() <= MAX_CHARACTERS
        ? text
        : text.substring(0, MAX_CHARACTERS) + "... (" + text.length() + " characters)";
  }
}
