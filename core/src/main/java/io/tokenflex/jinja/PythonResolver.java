package io.tokenflex.jinja;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.exptest.ExpTest;
import com.hubspot.jinjava.lib.filter.Filter;
import java.beans.FeatureDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELException;
import jinjava.javax.el.ELResolver;

/**
 * What a template can reach: entries of maps, elements of lists, characters and methods of strings.
 * No object is ever asked by reflection, so no Java class is in reach.
 */
final class PythonResolver extends ELResolver {
  @Override
  public Object getValue(ELContext context, Object base, Object property) {
    context.setPropertyResolved(true);
    String name = String.valueOf(property);
    if (base instanceof Map<?, ?> map) {
      return map.get(name);
    }
    List<?> elements = base instanceof String text ? PythonStrings.characters(text) : null;
    if (base instanceof List<?> list) {
      elements = list;
    }
    if (elements == null || !name.matches("-?[0-9]{1,9}")) {
      return null;
    }
    int index = Integer.parseInt(name);
    index += index < 0 ? elements.size() : 0;
    return index >= 0 && index < elements.size() ? elements.get(index) : null;
  }

  @Override
  public Object invoke(
      ELContext context,
      Object base,
      Object method,
      Class<?>[] parameterTypes,
      Object[] parameters) {
    context.setPropertyResolved(true);
    String name = String.valueOf(method);
    if (base instanceof Filter filter && name.equals("filter")) {
      return filtered(filter, parameters);
    }
    if (base instanceof ExpTest test) {
      Object[] arguments = Arrays.copyOfRange(parameters, 2, parameters.length);
      JinjavaInterpreter interpreter = (JinjavaInterpreter) parameters[1];
      return test.evaluate(parameters[0], interpreter, arguments) == name.equals("evaluate");
    }
    List<Object> arguments = Arrays.asList(parameters);
    if (base instanceof String text) {
      return PythonStrings.call(text, name, arguments);
    }
    if (base instanceof Map<?, ?> map) {
      return ofMap(map, name, arguments);
    }
    throw new ELException("%s has no method %s".formatted(PythonValues.kindOf(base), name));
  }

  @SuppressWarnings("unchecked") // Jinjava passes a filter's named arguments as such a map
  private static Object filtered(Filter filter, Object[] parameters) {
    return filter.filter(
        parameters[0],
        (JinjavaInterpreter) parameters[1],
        (Object[]) parameters[2],
        (Map<String, Object>) parameters[3]);
  }

  private static Object ofMap(Map<?, ?> map, String method, List<Object> arguments) {
    return switch (method) {
      case "items" -> items(map);
      case "keys" -> new ArrayList<Object>(map.keySet());
      case "values" -> new ArrayList<Object>(map.values());
      case "get" -> {
        Object value = map.get(arguments.get(0));
        yield value == null && arguments.size() > 1 ? arguments.get(1) : value;
      }
      default -> throw new ELException("maps have no method " + method);
    };
  }

  /** Pairs of key and value. */
  static List<Object> items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    map.forEach((key, value) -> items.add(Arrays.asList(key, value)));
    return items;
  }

  @Override
  public Class<?> getType(ELContext context, Object base, Object property) {
    context.setPropertyResolved(true);
    return Object.class;
  }

  @Override
  public void setValue(ELContext context, Object base, Object property, Object value) {
    throw new ELException("templates cannot change their variables");
  }

  @Override
  public boolean isReadOnly(ELContext context, Object base, Object property) {
    context.setPropertyResolved(true);
    return true;
  }

  @Override
  public Iterator<FeatureDescriptor> getFeatureDescriptors(ELContext context, Object base) {
    return Collections.emptyIterator();
  }

  @Override
  public Class<?> getCommonPropertyType(ELContext context, Object base) {
    return Object.class;
  }
}
