package io.tokenflex.config;

import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lists every key that {@link ConfigBinder} accepts for a record; a section precedes its keys. */
public final class ConfigKeys {
  private final List<ConfigKey> keys = new ArrayList<>();
  private final Map<Class<?>, String> pathsOfRecords = new LinkedHashMap<>();

  private ConfigKeys() {}

  /** The keys of a whole configuration, in the order of the record components. */
  public static List<ConfigKey> of(Class<? extends Record> type) {
    ConfigKeys listed = new ConfigKeys();
    listed.addRecord(type, "");
    return List.copyOf(listed.keys);
  }

  private void addRecord(Class<?> type, String path) {
    for (RecordComponent component : type.getRecordComponents()) {
      if (ConfigBinder.isInline(component)) {
        addRecord(component.getType(), path);
        continue;
      }
      Type declared = component.getGenericType();
      boolean isOptional = ConfigBinder.rawClass(declared) == Optional.class;
      Type value = isOptional ? ConfigBinder.argument(declared, 0) : declared;
      add(ConfigBinder.join(path, component.getName()), value, !isOptional, List.of());
    }
  }

  private void add(String path, Type type, boolean isRequired, List<String> variants) {
    Class<?> raw = ConfigBinder.rawClass(type);
    String words = ConfigBinder.expectation(type, path);
    if (raw.isRecord()) {
      String before = pathsOfRecords.putIfAbsent(raw, path);
      String sameAs = before == null ? "" : before;
      keys.add(new ConfigKey(path, words, isRequired, true, sameAs, variants));
      if (before == null) {
        addRecord(raw, path);
      }
    } else if (raw.isSealed() && !raw.isEnum()) {
      keys.add(new ConfigKey(path, words, isRequired, true, "", variants));
      addVariants(raw, path);
    } else if (raw == List.class) {
      Type element = ConfigBinder.argument(type, 0);
      String elements = path + "[]";
      String each = "a list, each " + ConfigBinder.expectation(element, elements);
      keys.add(new ConfigKey(path, each, isRequired, false, "", variants));
      if (ConfigBinder.rawClass(element).isRecord()) {
        addRecord(ConfigBinder.rawClass(element), elements);
      }
    } else if (raw == Map.class) {
      Type element = ConfigBinder.argument(type, 1);
      String each = "a section of any keys, each " + ConfigBinder.expectation(element, path);
      keys.add(new ConfigKey(path, each, isRequired, false, "", variants));
    } else {
      keys.add(new ConfigKey(path, words, isRequired, false, "", variants));
    }
  }

  /** Adds the key {@code type}, then the union of the keys of all variants. */
  private void addVariants(Class<?> type, String path) {
    Map<String, List<String>> variantsOfKeys = new LinkedHashMap<>();
    Map<String, Type> typesOfKeys = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (Class<?> variant : type.getPermittedSubclasses()) {
      String name = ConfigBinder.variantKey(variant);
      names.add(name);
      for (RecordComponent component : variant.getRecordComponents()) {
        typesOfKeys.putIfAbsent(component.getName(), component.getGenericType());
        variantsOfKeys.computeIfAbsent(component.getName(), key -> new ArrayList<>()).add(name);
      }
    }
    keys.add(
        new ConfigKey(
            ConfigBinder.join(path, ConfigBinder.VARIANT),
            "one of " + String.join(", ", names),
            true,
            false,
            "",
            List.of()));
    typesOfKeys.forEach(
        (key, value) -> add(ConfigBinder.join(path, key), value, true, variantsOfKeys.get(key)));
  }
}
