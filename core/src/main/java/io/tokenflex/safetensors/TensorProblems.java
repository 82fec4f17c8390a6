package io.tokenflex.safetensors;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Collects problems of a set of tensors for one message: missing names, unexpected names and
 * others. If many names differ only in their prefix, the message states the two prefixes once.
 */
public final class TensorProblems {
  private final Map<String, String> missing = new TreeMap<>();
  private final Map<String, String> unexpected = new TreeMap<>();
  private final Set<String> others = new TreeSet<>();

  /** The differing prefixes of two names with the same suffix. */
  private record Beginnings(String found, String expected) {}

  /**
   * Adds a missing tensor.
   *
   * @param name our name, for the message
   * @param expected the name that was looked for in the folder
   */
  public void missing(String name, String expected, Object shape) {
    missing.put(expected, "missing " + name + " " + shape);
  }

  /** Adds a missing tensor. */
  public void missing(String name, Object shape) {
    missing(name, name, shape);
  }

  /** Adds an unexpected tensor. */
  public void unexpected(String name, Object shape) {
    unexpected.put(name, "unexpected " + name + " " + shape);
  }

  /** Adds an unexpected tensor. */
  public void unexpected(String name) {
    unexpected.put(name, "unexpected " + name);
  }

  /** Adds any other problem. */
  public void add(String problem) {
    others.add(problem);
  }

  public boolean isEmpty() {
    return size() == 0;
  }

  /** Number of problems. */
  public int size() {
    return missing.size() + unexpected.size() + others.size();
  }

  /** All problems, in a few lines at most. */
  @Override
  public String toString() {
    Map<String, String> leftMissing = new TreeMap<>(missing);
    Map<String, String> leftUnexpected = new TreeMap<>(unexpected);
    List<String> parts = new ArrayList<>();
    while (true) {
      Map<String, String> pairs = commonest(leftMissing.keySet(), leftUnexpected.keySet());
      if (pairs.size() < 2) { // a single pair may be a coincidence
        break;
      }
      Map.Entry<String, String> first = pairs.entrySet().iterator().next();
      Beginnings beginnings = beginnings(first.getKey(), first.getValue());
      parts.add(
          String.format(
              Locale.ROOT,
              "%d names begin with \"%s\" where \"%s\" is expected, such as %s instead of %s",
              pairs.size(),
              beginnings.found(),
              beginnings.expected(),
              first.getKey(),
              first.getValue()));
      pairs.forEach(
          (found, expected) -> {
            leftUnexpected.remove(found);
            leftMissing.remove(expected);
          });
    }
    List<String> single = new ArrayList<>(others);
    single.addAll(leftMissing.values());
    single.addAll(leftUnexpected.values());
    if (!single.isEmpty()) {
      parts.add(Listed.of(single));
    }
    return String.join("; ", parts);
  }

  /** Pairs of names (found -> expected) that differ in the most frequent pair of prefixes. */
  private static Map<String, String> commonest(Set<String> expected, Set<String> found) {
    Map<String, String> expectedByEnd = new HashMap<>();
    for (String name : expected) {
      for (int from = 0; from >= 0; from = next(name, from)) {
        expectedByEnd.putIfAbsent(name.substring(from), name);
      }
    }
    Map<Beginnings, Map<String, String>> byBeginnings = new LinkedHashMap<>();
    for (String name : found) {
      for (int from = 0; from >= 0 && name.indexOf('.', from) >= 0; from = next(name, from)) {
        String other = expectedByEnd.get(name.substring(from));
        if (other != null) {
          byBeginnings
              .computeIfAbsent(beginnings(name, other), key -> new TreeMap<>())
              .put(name, other);
          break; // the longest common suffix
        }
      }
    }
    Map<String, String> most = Map.of();
    for (Map<String, String> pairs : byBeginnings.values()) {
      most = pairs.size() > most.size() ? pairs : most;
    }
    return most;
  }

  private static int next(String name, int from) {
    int dot = name.indexOf('.', from);
    return dot < 0 ? -1 : dot + 1;
  }

  private static Beginnings beginnings(String found, String expected) {
    int common = 0;
    while (common < Math.min(found.length(), expected.length())
        && found.charAt(found.length() - 1 - common)
            == expected.charAt(expected.length() - 1 - common)) {
      common++;
    }
    // Shortens the suffix to whole parts of both names.
    while (common > 0
        && !(startsPart(found, found.length() - common)
            && startsPart(expected, expected.length() - common))) {
      common--;
    }
    return new Beginnings(
        found.substring(0, found.length() - common),
        expected.substring(0, expected.length() - common));
  }

  private static boolean startsPart(String name, int at) {
    return at == 0 || name.charAt(at - 1) == '.';
  }
}
