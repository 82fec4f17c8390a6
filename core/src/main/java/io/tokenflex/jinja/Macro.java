package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Callable;
import io.tokenflex.jinja.Values.Thing;
import io.tokenflex.jinja.Values.Tuple;
import io.tokenflex.jinja.Values.Undefined;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A macro, or the body of a call block.
 *
 * @param defaults of the last parameters
 * @param special which of {@code varargs}, {@code kwargs} and {@code caller} the body uses
 */
record Macro(
    String name,
    List<String> parameters,
    List<Expression> defaults,
    Set<String> special,
    List<Statement> body) {
  static final String VARARGS = "varargs";
  static final String KWARGS = "kwargs";
  static final String CALLER = "caller";

  /** The macro with the scope in which it is defined. */
  Closure in(Frame frame) {
    return new Closure(this, frame);
  }

  /** A callable macro. */
  record Closure(Macro macro, Frame outer) implements Callable, Thing {
    @Override
    public Object attribute(String name) {
      if (name.equals("name")) {
        return macro.name;
      }
      throw new TemplateException("the attribute " + name + " of a macro");
    }

    @Override
    public Object call(Arguments arguments) {
      return call(arguments, null);
    }

    Object call(Arguments arguments, Callable caller) {
      Frame frame = outer.inner();
      frame.run().enter();
      try {
        macro.bind(arguments, caller, frame);
        return Statement.text(macro.body, frame);
      } finally {
        frame.run().leave();
      }
    }
  }

  private void bind(Arguments given, Callable caller, Frame frame) {
    String what = "macro " + name;
    int size = parameters.size();
    Map<String, Object> more = new LinkedHashMap<>(given.named());
    Object explicitCaller = more.remove(CALLER);
    for (int i = 0; i < size; i++) {
      String parameter = parameters.get(i);
      boolean named = more.containsKey(parameter);
      if (i < given.size()) {
        if (named) {
          throw new TemplateException(what + " is given " + parameter + " twice");
        }
        frame.set(parameter, given.at(i));
      } else if (named) {
        frame.set(parameter, more.remove(parameter));
      } else {
        int fromDefaults = i - (size - defaults.size());
        frame.set(
            parameter,
            fromDefaults >= 0
                ? defaults.get(fromDefaults).eval(frame)
                : new Undefined("parameter " + parameter + " of " + what));
      }
    }
    if (given.size() > size && !special.contains(VARARGS)) {
      throw new TemplateException(what + " takes " + size + " arguments, not " + given.size());
    } else if (!more.isEmpty() && !special.contains(KWARGS)) {
      throw new TemplateException(what + " has no argument " + more.keySet().iterator().next());
    } else if ((caller != null || given.named().containsKey(CALLER)) && !special.contains(CALLER)) {
      throw new TemplateException(what + " does not call its caller");
    }
    frame.set(VARARGS, new Tuple(given.from(size).positional()));
    frame.set(KWARGS, more);
    if (!parameters.contains(CALLER)) {
      Object found = caller != null ? caller : explicitCaller;
      frame.set(CALLER, found == null ? new Undefined("no caller of " + what) : found);
    }
  }
}
