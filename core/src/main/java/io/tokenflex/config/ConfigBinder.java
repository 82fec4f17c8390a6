package io.tokenflex.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Binds a configuration section to a record through its canonical constructor.
 *
 * <p>The name of a component is its key. Supported types: {@code int}, {@code long}, {@code
 * double}, {@code boolean} (or boxed), {@code String}, an enum ({@code TCP_RING} is written {@code
 * tcp-ring}), {@link Duration} (a unit is required), a nested record, a sealed interface of records
 * (key {@code type} selects the record; {@code WarmupCosine} is written {@code warmup-cosine}), a
 * record marked {@link Inline}, {@code List<T>}, {@code Map<String, T>} and {@code Optional<T>}. A
 * {@code long} whose name ends in {@code Bytes} also accepts sizes such as {@code 64MiB}. Every key
 * is required unless it is an {@code Optional}; unknown keys are errors.
 */
public final class ConfigBinder {
  /** Key that selects the record of a sealed interface. */
  static final String VARIANT = "type";

  private ConfigBinder() {}

  /**
   * Binds a whole configuration.
   *
   * @throws InvalidConfigException if a key is missing, unknown or of the wrong type, or the
   *     record's constructor rejects the values; the message names the key, the file and the line
   */
  public static <R extends Record> R bind(Config config, Class<R> type) {
    return type.cast(bindRecord(config.root(), "", type));
  }

  private static Object bindRecord(ConfigObject section, String path, Class<?> type) {
    List<String> known = keys(type);
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      if (!known.contains(entry.getKey())) {
        throw unknownKey(join(path, entry.getKey()), entry.getKey(), entry.getValue(), known);
      }
    }
    return bindKeys(section, path, type);
  }

  /** The keys that a record asks for, those of its inlined records included. */
  private static List<String> keys(Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .flatMap(
            component ->
                isInline(component)
                    ? keys(component.getType()).stream()
                    : Stream.of(component.getName()))
        .toList();
  }

  static boolean isInline(RecordComponent component) {
    return component.isAnnotationPresent(Inline.class);
  }

  /** Binds the keys that a record asks for; the section may hold others beside them. */
  private static Object bindKeys(ConfigObject section, String path, Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      String key = component.getName();
      arguments[i] =
          isInline(component)
              ? bindKeys(section, path, component.getType())
              : bindComponent(section, join(path, key), key, component);
    }
    return construct(type, arguments, section, path, keys(type));
  }

  private static Object bindComponent(
      ConfigObject section, String path, String key, RecordComponent component) {
    ConfigValue value = section.get(key);
    Type type = component.getGenericType();
    boolean present = value != null && value.valueType() != ConfigValueType.NULL;
    if (rawClass(type) == Optional.class) {
      return present ? Optional.of(convert(value, path, argument(type, 0))) : Optional.empty();
    }
    if (!present) {
      throw new InvalidConfigException(
          "Missing key %s: expected %s; add it to %s or give --set %s=..."
              .formatted(path, expectation(type, path), place(section.origin()), path));
    }
    return convert(value, path, type);
  }

  private static Object bindVariant(ConfigObject section, String path, Class<?> type) {
    ConfigValue name = section.get(VARIANT);
    String chosen = name == null ? "" : String.valueOf(name.unwrapped());
    for (Class<?> variant : type.getPermittedSubclasses()) {
      if (variantKey(variant).equals(chosen)) {
        return bindRecord(section.withoutKey(VARIANT), path, variant);
      }
    }
    ConfigOrigin origin = name == null ? section.origin() : name.origin();
    throw new InvalidConfigException(
        "%s (%s) is %s; expected one of %s"
            .formatted(
                join(path, VARIANT),
                place(origin),
                name == null ? "missing" : chosen,
                String.join(
                    ", ",
                    Arrays.stream(type.getPermittedSubclasses())
                        .map(ConfigBinder::variantKey)
                        .toList())));
  }

  private static Object convert(ConfigValue value, String path, Type type) {
    Class<?> raw = rawClass(type);
    if (raw.isSealed() && !raw.isEnum()) {
      if (value instanceof ConfigObject section) {
        return bindVariant(section, path, raw);
      }
      throw wrong(value, path, type, null);
    }
    if (raw.isRecord()) {
      if (value instanceof ConfigObject section) {
        return bindRecord(section, path, raw);
      }
      throw wrong(value, path, type, null);
    }
    if (raw == List.class) {
      if (value instanceof ConfigList list) {
        List<Object> elements = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
          elements.add(convert(list.get(i), path + "[" + i + "]", argument(type, 0)));
        }
        return List.copyOf(elements);
      }
      throw wrong(value, path, type, null);
    }
    if (raw == Map.class) {
      if (value instanceof ConfigObject section) {
        return bindMap(section, path, type);
      }
      throw wrong(value, path, type, null);
    }
    try {
      return scalar(value, path, raw);
    } catch (ConfigException e) {
      throw wrong(value, path, type, e);
    }
  }

  private static Map<String, Object> bindMap(ConfigObject section, String path, Type type) {
    if (argument(type, 0) != String.class) {
      throw new IllegalStateException(path + ": a map in a configuration has String keys");
    }
    Map<String, Object> entries = new LinkedHashMap<>();
    // HOCON nests dotted keys; a map of scalars is flattened again, so that spark.a.b stays one
    // key.
    Class<?> element = rawClass(argument(type, 1));
    boolean flat = !element.isRecord() && element != Map.class;
    if (flat) {
      section.toConfig().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(
              entry -> {
                String key = String.join(".", ConfigUtil.splitPath(entry.getKey()));
                entries.put(key, convert(entry.getValue(), join(path, key), argument(type, 1)));
              });
    } else {
      section.keySet().stream()
          .sorted()
          .forEach(
              key ->
                  entries.put(key, convert(section.get(key), join(path, key), argument(type, 1))));
    }
    return Collections.unmodifiableMap(entries);
  }

  private static Object scalar(ConfigValue value, String path, Class<?> raw) {
    Config holder = value.atKey("value");
    if (raw == String.class) {
      return holder.getString("value");
    }
    if (raw == boolean.class || raw == Boolean.class) {
      return holder.getBoolean("value");
    }
    if (raw == double.class || raw == Double.class) {
      return holder.getDouble("value");
    }
    if (raw == int.class || raw == Integer.class) {
      requireIntegral(value, path);
      return holder.getInt("value");
    }
    if (raw == long.class || raw == Long.class) {
      if (path.endsWith("Bytes")) {
        return holder.getBytes("value");
      }
      requireIntegral(value, path);
      return holder.getLong("value");
    }
    if (raw == Duration.class) {
      if (Character.isDigit(lastCharacter(value.unwrapped().toString()))) {
        throw wrong(value, path, raw, null);
      }
      return holder.getDuration("value");
    }
    if (raw.isEnum()) {
      String text = holder.getString("value");
      for (Object constant : raw.getEnumConstants()) {
        if (enumKey(constant).equals(text.toLowerCase(Locale.ROOT).replace('_', '-'))) {
          return constant;
        }
      }
      throw wrong(value, path, raw, null);
    }
    throw new IllegalStateException(path + ": no binding for " + raw + "; see ConfigBinder");
  }

  // The HOCON library would silently truncate 2.5 to 2.
  private static void requireIntegral(ConfigValue value, String path) {
    double number = value.atKey("value").getDouble("value");
    if (number != Math.rint(number)) {
      throw wrong(value, path, long.class, null);
    }
  }

  private static Object construct(
      Class<?> type, Object[] arguments, ConfigObject section, String path, List<String> known) {
    Class<?>[] parameters =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(parameters);
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refusal) {
        throw refused(refusal, section, path, known);
      }
      throw new IllegalStateException("Cannot make " + type.getSimpleName(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot make " + type.getSimpleName(), e);
    }
  }

  // Reports the line of the component that the record's message names, else the line of the
  // section.
  private static InvalidConfigException refused(
      IllegalArgumentException refusal, ConfigObject section, String path, List<String> known) {
    String message = String.valueOf(refusal.getMessage());
    for (String key : known) {
      ConfigValue value = section.get(key);
      if (value != null && Pattern.compile("\\b" + key + "\\b").matcher(message).find()) {
        return new InvalidConfigException(
            "%s (%s): %s".formatted(join(path, key), place(value.origin()), message), refusal);
      }
    }
    String name = path.isEmpty() ? "configuration" : path;
    return new InvalidConfigException(
        "%s (%s): %s".formatted(name, place(section.origin()), message), refusal);
  }

  private static InvalidConfigException unknownKey(
      String path, String key, ConfigValue value, List<String> known) {
    Optional<String> nearest = NearestName.of(key, known);
    String hint =
        nearest.map(name -> "did you mean " + name + "?").orElse("known here: " + sorted(known));
    return new InvalidConfigException(
        "Unknown key %s (%s); %s".formatted(path, place(value.origin()), hint));
  }

  private static InvalidConfigException wrong(
      ConfigValue value, String path, Type type, ConfigException cause) {
    String shown = value.render(ConfigRenderOptions.concise());
    return new InvalidConfigException(
        "%s (%s) is %s; expected %s"
            .formatted(path, place(value.origin()), shown, expectation(type, path)),
        cause);
  }

  private static String place(ConfigOrigin origin) {
    String file = origin.filename() == null ? origin.resource() : origin.filename();
    if (file == null) {
      return origin.description();
    }
    return origin.lineNumber() > 0 ? file + ":" + origin.lineNumber() : file;
  }

  static String expectation(Type type, String path) {
    Class<?> raw = rawClass(type);
    if (raw == int.class || raw == Integer.class) {
      return "a whole number";
    }
    if (raw == long.class || raw == Long.class) {
      return path.endsWith("Bytes") ? "a size such as 64MiB" : "a whole number";
    }
    if (raw == double.class || raw == Double.class) {
      return "a number";
    }
    if (raw == boolean.class || raw == Boolean.class) {
      return "true or false";
    }
    if (raw == Duration.class) {
      return "a duration with a unit such as 30s or 5m";
    }
    if (raw.isEnum()) {
      return "one of "
          + String.join(
              ", ", Arrays.stream(raw.getEnumConstants()).map(ConfigBinder::enumKey).toList());
    }
    if (raw == List.class) {
      return "a list [...]";
    }
    if (raw == Map.class || raw.isRecord() || raw.isSealed()) {
      return "a section {...}";
    }
    return "a string";
  }

  static String enumKey(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String variantKey(Class<?> variant) {
    return variant.getSimpleName().replaceAll("(?<=.)(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  private static char lastCharacter(String text) {
    return text.isEmpty() ? '0' : text.charAt(text.length() - 1);
  }

  private static String sorted(List<String> names) {
    return String.join(", ", names.stream().sorted().toList());
  }

  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  static Type argument(Type type, int index) {
    return ((ParameterizedType) type).getActualTypeArguments()[index];
  }

  static Class<?> rawClass(Type type) {
    return type instanceof ParameterizedType generic
        ? (Class<?>) generic.getRawType()
        : (Class<?>) type;
  }
}
