package io.tokenflex.dataprep.input;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares settings by name. */
public final class SettingsDifference {
  private SettingsDifference() {}

  /** Differing settings by name: "was A, is B". */
  public static SortedMap<String, String> of(Map<String, String> then, Map<String, String> now) {
    SortedMap<String, String> differences = new TreeMap<>();
    TreeSet<String> names = new TreeSet<>(then.keySet());
    names.addAll(now.keySet());
    for (String name : names) {
      String was = then.getOrDefault(name, "not set");
      String is = now.getOrDefault(name, "not set");
      if (!was.equals(is)) {
        differences.put(name, "was " + was + ", is " + is);
      }
    }
    return differences;
  }
}
