package io.tokenflex.jobs.pages.html;

import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Records of which every text is one that breaks pages: markup, quotes, what XML forbids, what
 * turns the direction of writing, and what templates would take for their own.
 */
public final class HostileTexts {
  public static final String TEXT =
      "</title></style></textarea>--><script>alert('hostile')</script><img src=x onerror=\"alert(1)\">"
          + "&amp; &unknown; & ' \" <![CDATA[ ]]> \u0000\u0007\u001b[31m\u0085\ufffe\ud800"
          + " \u202e\u05d0\u05d1\u0627\u0644 ${1 + 1} <#if> \ud83d\ude00";

  private static final int NUM_ELEMENTS = 4;

  private HostileTexts() {}

  /** A record whose lists and maps have elements, whose optional parts are there. */
  public static <T> T fill(Class<T> type) {
    return type.cast(value(type, type.getSimpleName(), 0));
  }

  private static Object value(Type type, String name, int variant) {
    if (type instanceof ParameterizedType generic) {
      return container(generic, name, variant);
    }
    Class<?> plain = (Class<?>) type;
    if (plain == String.class) {
      return text(name, variant);
    } else if (plain == int.class || plain == Integer.class) {
      return 3 + variant;
    } else if (plain == long.class || plain == Long.class) {
      return 3L + variant;
    } else if (plain == double.class || plain == Double.class) {
      return 0.5 + 0.1 * variant;
    } else if (plain == boolean.class) {
      return variant % 2 == 0;
    } else if (plain == Instant.class) {
      return Instant.parse("2026-11-29T01:40:02Z");
    } else if (plain.isEnum()) {
      return plain.getEnumConstants()[variant % plain.getEnumConstants().length];
    } else if (plain.isRecord()) {
      return filled(plain, variant);
    }
    throw new AssertionError("Hostile texts know no " + type + " for " + name);
  }

  private static String text(String name, int variant) {
    return switch (name) {
      case "startedAt" -> "2026-11-29T01:40:02Z"; // refused where it is read
      case "name" -> variant == 0 ? "train" : TEXT;
      case "detail" -> variant == 0 ? "" : TEXT; // without one a kind of its own
      case "problem" -> variant == 0 ? TEXT : ""; // a problem hides the rest of its card
      default -> TEXT;
    };
  }

  private static Object container(ParameterizedType type, String name, int variant) {
    Class<?> raw = (Class<?>) type.getRawType();
    Type[] parts = type.getActualTypeArguments();
    if (raw == Optional.class) {
      return Optional.of(value(parts[0], name, variant));
    }
    if (raw == Map.class) {
      Map<Object, Object> map = new LinkedHashMap<>();
      map.put(value(parts[0], name, variant), value(parts[1], name, variant));
      return map;
    }
    List<Object> elements = new ArrayList<>();
    for (int i = 0; i < NUM_ELEMENTS; i++) {
      elements.add(value(parts[0], name, i));
    }
    return raw == List.class ? elements : new LinkedHashSet<>(elements);
  }

  private static Object filled(Class<?> type, int variant) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = value(components[i].getGenericType(), components[i].getName(), variant);
    }
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("Cannot make a " + type, e);
    }
  }
}
