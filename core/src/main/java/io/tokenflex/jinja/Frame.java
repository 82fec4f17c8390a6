package io.tokenflex.jinja;

import io.tokenflex.jinja.Values.Undefined;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.Map;

/** A scope of variables during rendering; inner scopes see outer ones. */
final class Frame {
  private final Frame outer;
  private final Run run;
  private final Map<String, Object> names = new HashMap<>();

  /** State shared by all scopes of one rendering. */
  static final class Run {
    private final Clock clock;
    private int steps;
    private int depth;

    Run(Clock clock) {
      this.clock = clock;
    }

    ZonedDateTime now() {
      return ZonedDateTime.now(clock.withZone(ZoneOffset.UTC));
    }

    void step() {
      if (++steps > Limits.STEPS) {
        throw new TemplateException("more than " + Limits.STEPS + " steps; a template must end");
      }
    }

    void enter() {
      if (++depth > Limits.DEPTH) {
        throw new TemplateException("macros call each other more than " + Limits.DEPTH + " times");
      }
    }

    void leave() {
      depth--;
    }
  }

  Frame(Run run) {
    this.outer = null;
    this.run = run;
  }

  private Frame(Frame outer) {
    this.outer = outer;
    this.run = outer.run;
  }

  Frame inner() {
    return new Frame(this);
  }

  Run run() {
    return run;
  }

  void set(String name, Object value) {
    names.put(name, value);
  }

  /** The value of a variable, {@link Undefined} if it is not set. */
  Object get(String name) {
    for (Frame frame = this; frame != null; frame = frame.outer) {
      if (frame.names.containsKey(name)) {
        return frame.names.get(name);
      }
    }
    return new Undefined(name);
  }
}
