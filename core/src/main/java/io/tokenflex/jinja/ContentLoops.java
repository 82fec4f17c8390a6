package io.tokenflex.jinja;

import io.tokenflex.jinja.Expression.Attribute;
import io.tokenflex.jinja.Expression.Constant;
import io.tokenflex.jinja.Expression.Item;
import io.tokenflex.jinja.Expression.Name;
import io.tokenflex.jinja.Statement.CallBlock;
import io.tokenflex.jinja.Statement.Captured;
import io.tokenflex.jinja.Statement.DefineMacro;
import io.tokenflex.jinja.Statement.For;
import io.tokenflex.jinja.Statement.If;
import io.tokenflex.jinja.Statement.With;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Detects templates that loop over {@code message.content}, directly or through a variable or macro
 * parameter. Such templates expect content as a list of parts.
 */
final class ContentLoops {
  private static final String CONTENT = "content";

  /** Variables that content was assigned to. */
  private final Set<String> aliases = new HashSet<>();

  private ContentLoops() {}

  static boolean in(List<Statement> body) {
    ContentLoops search = new ContentLoops();
    return search.found(body);
  }

  private boolean found(List<Statement> body) {
    for (Statement statement : body) {
      if (found(statement)) {
        return true;
      }
    }
    return false;
  }

  private boolean found(Statement statement) {
    if (statement instanceof For loop) {
      return reads(loop.items()) || found(loop.body()) || found(loop.otherwise());
    } else if (statement instanceof If branch) {
      return found(branch.yes()) || found(branch.no());
    } else if (statement instanceof Statement.Set set) {
      if (set.target().name() != null && reads(set.value())) {
        aliases.add(set.target().name());
      }
      return false;
    } else if (statement instanceof Captured captured) {
      return found(captured.body());
    } else if (statement instanceof With with) {
      return found(with.body());
    } else if (statement instanceof CallBlock call) {
      return found(call.caller().body());
    } else if (statement instanceof DefineMacro definition) {
      Set<String> before = new HashSet<>(aliases);
      // A macro may receive a message or its content; a parameter named content counts as the
      // latter.
      definition.macro().parameters().stream().filter(CONTENT::equals).forEach(aliases::add);
      boolean found = found(definition.macro().body());
      aliases.retainAll(before);
      return found;
    }
    return false;
  }

  private boolean reads(Expression value) {
    if (value instanceof Attribute attribute && attribute.name().equals(CONTENT)) {
      return true;
    } else if (value instanceof Item item
        && item.index() instanceof Constant constant
        && CONTENT.equals(constant.value())) {
      return true;
    } else if (value instanceof Name name && aliases.contains(name.name())) {
      return true;
    }
    return value.parts().stream().anyMatch(this::reads);
  }
}
