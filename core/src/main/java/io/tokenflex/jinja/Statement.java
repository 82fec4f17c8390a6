package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Callable;
import io.tokenflex.jinja.Values.Namespace;
import java.util.ArrayList;
import java.util.List;

/** A template statement: writes output or assigns variables. */
sealed interface Statement {
  /** Where execution continues: the next statement, or a loop's break or continue. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  Flow run(Frame frame, StringBuilder out);

  /** Runs statements in order until a break or continue. */
  static Flow all(List<Statement> statements, Frame frame, StringBuilder out) {
    for (Statement statement : statements) {
      frame.run().step();
      Flow flow = statement.run(frame, out);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    Limits.checkLength(out.length());
    return Flow.NEXT;
  }

  /** Renders a body to a string; the parser ensures that it contains no break out of itself. */
  static String text(List<Statement> body, Frame frame) {
    StringBuilder text = new StringBuilder();
    all(body, frame, text);
    return text.toString();
  }

  /** Source position of an expression or block, for messages. */
  record Place(int line, String source) {
    TemplateException at(TemplateException e) {
      return e.at(line, source);
    }
  }

  record Data(String text) implements Statement {
    @Override
    public Flow run(Frame frame, StringBuilder out) {
      out.append(text);
      return Flow.NEXT;
    }
  }

  record Output(Expression value, Place place) implements Statement {
    @Override
    public Flow run(Frame frame, StringBuilder out) {
      try {
        out.append(PythonText.str(value.eval(frame)));
      } catch (TemplateException e) {
        throw place.at(e);
      }
      return Flow.NEXT;
    }
  }

  record If(Expression condition, List<Statement> yes, List<Statement> no, Place place)
      implements Statement {
    @Override
    public Flow run(Frame frame, StringBuilder out) {
      boolean truth;
      try {
        truth = Values.isTrue(condition.eval(frame));
      } catch (TemplateException e) {
        throw place.at(e);
      }
      return all(truth ? yes : no, frame, out);
    }
  }

  /** Target of an assignment: a name, or nested names for unpacking. */
  record Target(String name, List<Target> parts) {
    void bind(Object value, Frame frame) {
      if (name != null) {
        frame.set(name, value);
        return;
      }
      List<Object> values = Values.elements(value);
      if (values.size() != parts.size()) {
        throw new TemplateException(
            Values.kindOf(value)
                + " has "
                + values.size()
                + " elements and goes to "
                + parts.size()
                + " names");
      }
      for (int i = 0; i < values.size(); i++) {
        parts.get(i).bind(values.get(i), frame);
      }
    }
  }

  record For(
      Target target,
      Expression items,
      Expression filter,
      List<Statement> body,
      List<Statement> otherwise,
      Place place)
      implements Statement {
    @Override
    public Flow run(Frame frame, StringBuilder out) {
      List<Object> walked;
      try {
        walked = filtered(Values.elements(items.eval(frame)), frame);
      } catch (TemplateException e) {
        throw place.at(e);
      }
      if (walked.isEmpty()) {
        return all(otherwise, frame.inner(), out);
      }
      Loop loop = new Loop(walked);
      for (int i = 0; i < walked.size(); i++) {
        Frame round = frame.inner();
        loop.moveTo(i);
        round.set(Loop.NAME, loop);
        bind(walked.get(i), round);
        if (all(body, round, out) == Flow.BREAK) {
          break;
        }
      }
      return Flow.NEXT;
    }

    private List<Object> filtered(List<Object> all, Frame frame) {
      if (filter == null) {
        return all;
      }
      List<Object> passing = new ArrayList<>();
      for (Object item : all) {
        Frame round = frame.inner();
        round.set(Loop.NAME, new Values.Undefined("loop in a loop's filter"));
        bind(item, round);
        if (Values.isTrue(filter.eval(round))) {
          passing.add(item);
        }
      }
      return passing;
    }

    private void bind(Object item, Frame round) {
      try {
        target.bind(item, round);
      } catch (TemplateException e) {
        throw place.at(e);
      }
    }
  }

  record Set(Target target, Expression value, Place place) implements Statement {
    @Override
    public Flow run(Frame frame, StringBuilder out) {
      try {
        target.bind(value.eval(frame), frame);
      } catch (TemplateException e) {
        throw place.at(e);
      }
      return Flow.NEXT;
    }
  }

  /** {@code set namespace.name = value}. */
  record SetAttribute(String namespace, String name, Expression value, Place place)
      implements Statement {
    @Override
    public Flow run(Frame frame, StringBuilder out) {
      try {
        Object changed = value.eval(frame);
        if (!(frame.get(namespace) instanceof Namespace found)) {
          throw new TemplateException(namespace + " is no namespace, so it cannot be changed");
        }
        found.attributes().put(name, changed);
      } catch (TemplateException e) {
        throw place.at(e);
      }
      return Flow.NEXT;
    }
  }

  /** A set or filter block: its rendered body is filtered, then assigned or written. */
  record Captured(
      Target target,
      String namespace,
      String attribute,
      Expression filter,
      List<Statement> body,
      Place place)
      implements Statement {
    /** Internal variable that passes the rendered body to the filter. */
    static final String TEXT = "text of a block";

    @Override
    public Flow run(Frame frame, StringBuilder out) {
      Frame inner = frame.inner();
      Object text = text(body, inner);
      try {
        if (filter != null) {
          inner.set(TEXT, text);
          text = filter.eval(inner);
        }
        if (attribute != null) {
          return new SetAttribute(namespace, attribute, new Expression.Constant(text), place)
              .run(frame, out);
        } else if (target != null) {
          target.bind(text, frame);
        } else {
          out.append(PythonText.str(text));
        }
      } catch (TemplateException e) {
        throw place.at(e);
      }
      return Flow.NEXT;
    }
  }

  /** {@code with} and other blocks with a scope of their own. */
  record With(List<Target> targets, List<Expression> values, List<Statement> body, Place place)
      implements Statement {
    @Override
    public Flow run(Frame frame, StringBuilder out) {
      Frame inner = frame.inner();
      try {
        List<Object> computed = new ArrayList<>();
        values.forEach(value -> computed.add(value.eval(frame)));
        for (int i = 0; i < computed.size(); i++) {
          targets.get(i).bind(computed.get(i), inner);
        }
      } catch (TemplateException e) {
        throw place.at(e);
      }
      return all(body, inner, out);
    }
  }

  record DefineMacro(Macro macro) implements Statement {
    @Override
    public Flow run(Frame frame, StringBuilder out) {
      frame.set(macro.name(), macro.in(frame));
      return Flow.NEXT;
    }
  }

  /** {@code call macro(...)}: {@code caller()} renders the body. */
  record CallBlock(Macro caller, Expression.Call call, Place place) implements Statement {
    @Override
    public Flow run(Frame frame, StringBuilder out) {
      try {
        Object callable = call.function().eval(frame);
        if (!(callable instanceof Macro.Closure macro)) {
          throw new TemplateException("a call block of " + Values.kindOf(callable));
        }
        Callable body = caller.in(frame);
        out.append(PythonText.str(macro.call(call.given().eval(frame), body)));
      } catch (TemplateException e) {
        throw place.at(e);
      }
      return Flow.NEXT;
    }
  }

  record Leave(Flow flow) implements Statement {
    @Override
    public Flow run(Frame frame, StringBuilder out) {
      return flow;
    }
  }
}
