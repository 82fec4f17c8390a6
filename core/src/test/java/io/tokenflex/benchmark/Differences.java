package io.tokenflex.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.failure.InvalidInputException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** What was found to differ, so that one run shows all of it. */
final class Differences {
  private static final double TOLERANCE = 1e-9;

  private final List<String> all = new ArrayList<>();
  private String place = "";

  /** Names the case that the next differences belong to. */
  void of(String newPlace) {
    place = newPlace;
  }

  void add(String difference) {
    all.add(place + "\n    " + difference);
  }

  List<String> all() {
    return all;
  }

  /** Refuses keys that no check knows, so that nothing recorded is passed over. */
  void expectKeys(JsonNode object, String... known) {
    Set<String> keys = new TreeSet<>();
    object.fieldNames().forEachRemaining(keys::add);
    keys.removeAll(Set.of(known));
    if (!keys.isEmpty()) {
      add("has " + keys + ", which this test does not know");
    }
  }

  /** Where a program stopped with an error, wrong input has to be refused. */
  void expectOrError(String what, Supplier<Object> actual, JsonNode expected) {
    Object value;
    try {
      value = actual.get();
    } catch (InvalidInputException e) {
      value = "error: " + e.getMessage();
    }
    boolean stopped = expected != null && expected.asText().startsWith("error");
    if (stopped ? !String.valueOf(value).startsWith("error: ") : !same(value, expected)) {
      add(what + " is " + value + " but expected " + expected);
    }
  }

  /** Compares numbers within 1e-9, NaN and infinities as the texts that stand for them. */
  void expect(String what, Object actual, JsonNode expected) {
    if (!same(actual, expected)) {
      add(what + " is " + actual + " but expected " + expected);
    }
  }

  private static boolean same(Object actual, JsonNode expected) {
    if (expected == null) {
      return false;
    }
    if (actual instanceof Optional<?> optional) {
      return same(optional.orElse(null), expected);
    }
    if (actual == null) {
      return expected.isNull();
    }
    if (actual instanceof Map<?, ?> map) {
      return expected.isObject()
          && map.size() == expected.size()
          && map.entrySet().stream()
              .allMatch(e -> same(e.getValue(), expected.get(e.getKey().toString())));
    }
    if (actual instanceof List<?> list) {
      if (!expected.isArray() || list.size() != expected.size()) {
        return false;
      }
      for (int i = 0; i < list.size(); i++) {
        if (!same(list.get(i), expected.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (actual instanceof BigInteger number) {
      return expected.isIntegralNumber() && number.equals(expected.bigIntegerValue());
    }
    if (actual instanceof Number number) {
      return sameNumber(number.doubleValue(), expected);
    }
    if (actual instanceof Boolean flag) {
      return expected.isBoolean() && flag == expected.asBoolean();
    }
    return expected.isTextual() && actual.equals(expected.asText());
  }

  private static boolean sameNumber(double actual, JsonNode expected) {
    double wanted;
    if (expected.isNumber()) {
      wanted = expected.asDouble();
    } else if (expected.isBoolean()) {
      wanted = expected.asBoolean() ? 1 : 0;
    } else {
      switch (expected.asText()) {
        case "NaN" -> wanted = Double.NaN;
        case "Infinity", "inf" -> wanted = Double.POSITIVE_INFINITY;
        case "-Infinity", "-inf" -> wanted = Double.NEGATIVE_INFINITY;
        default -> {
          return false;
        }
      }
    }
    if (Double.isNaN(wanted) || Double.isInfinite(wanted)) {
      return Double.compare(actual, wanted) == 0;
    }
    return Math.abs(actual - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted));
  }
}
