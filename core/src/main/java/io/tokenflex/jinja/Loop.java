package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Callable;
import io.tokenflex.jinja.Values.Thing;
import io.tokenflex.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.List;

/** The variable {@code loop} inside a for loop. */
final class Loop implements Thing {
  static final String NAME = "loop";

  private final List<Object> items;
  private int index;
  private List<Object> last;

  Loop(List<Object> items) {
    this.items = items;
  }

  void moveTo(int next) {
    index = next;
  }

  @Override
  public Object attribute(String name) {
    int size = items.size();
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) size - index;
      case "revindex0" -> size - index - 1L;
      case "first" -> index == 0;
      case "last" -> index == size - 1;
      case "length" -> (long) size;
      case "depth" -> 1L; // only recursive loops, which are not supported, increase it
      case "depth0" -> 0L;
      case "previtem" ->
          index == 0 ? new Undefined("there is no previous item") : items.get(index - 1);
      case "nextitem" ->
          index == size - 1 ? new Undefined("there is no next item") : items.get(index + 1);
      case "cycle" -> (Callable) this::cycle;
      case "changed" -> (Callable) this::changed;
      default -> new Undefined("loop." + name);
    };
  }

  private Object cycle(Arguments arguments) {
    if (arguments.size() == 0 || !arguments.named().isEmpty()) {
      throw new TemplateException("loop.cycle needs values to choose from");
    }
    return arguments.at(index % arguments.size());
  }

  private Object changed(Arguments arguments) {
    List<Object> now = new ArrayList<>(arguments.positional());
    boolean differs = last == null || !PythonCompare.areEqual(last, now);
    last = now;
    return differs;
  }
}
