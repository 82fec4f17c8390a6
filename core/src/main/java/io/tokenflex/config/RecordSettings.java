package io.tokenflex.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Inverse of {@link ConfigBinder}: turns a record into a configuration section. */
public final class RecordSettings {
  private RecordSettings() {}

  /** The section that binds to a record equal to {@code settings}. */
  public static Config of(Record settings) {
    return ConfigFactory.parseMap(section(settings));
  }

  private static Map<String, Object> section(Record settings) {
    Map<String, Object> section = new LinkedHashMap<>();
    for (RecordComponent component : settings.getClass().getRecordComponents()) {
      Object value = read(settings, component);
      if (ConfigBinder.isInline(component)) {
        section.putAll(section((Record) value));
        continue;
      }
      if (value instanceof Optional<?> optional) {
        if (optional.isEmpty()) {
          continue;
        }
        value = optional.get();
      }
      section.put(component.getName(), plain(value, component.getType()));
    }
    return section;
  }

  private static Object plain(Object value, Class<?> declared) {
    if (value instanceof Record settings) {
      Map<String, Object> section = section(settings);
      if (declared.isSealed()) {
        section.put(ConfigBinder.VARIANT, ConfigBinder.variantKey(settings.getClass()));
      }
      return section;
    } else if (value instanceof Enum<?> constant) {
      return ConfigBinder.enumKey(constant);
    } else if (value instanceof List<?> list) {
      return list.stream().map(element -> plain(element, element.getClass())).toList();
    } else if (value instanceof Duration duration) {
      return duration.toMillis() + "ms";
    }
    return value;
  }

  private static Object read(Record settings, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(settings);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot read " + component, e);
    }
  }
}
