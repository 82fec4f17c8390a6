package io.tokenflex.jinja;

import io.tokenflex.jinja.Expression.Call;
import io.tokenflex.jinja.Expression.Name;
import io.tokenflex.jinja.Statement.CallBlock;
import io.tokenflex.jinja.Statement.Captured;
import io.tokenflex.jinja.Statement.Data;
import io.tokenflex.jinja.Statement.DefineMacro;
import io.tokenflex.jinja.Statement.Flow;
import io.tokenflex.jinja.Statement.For;
import io.tokenflex.jinja.Statement.If;
import io.tokenflex.jinja.Statement.Leave;
import io.tokenflex.jinja.Statement.Output;
import io.tokenflex.jinja.Statement.Place;
import io.tokenflex.jinja.Statement.SetAttribute;
import io.tokenflex.jinja.Statement.Target;
import io.tokenflex.jinja.Statement.With;
import io.tokenflex.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Parser of Jinja2 blocks, including {@code break}, {@code continue} and {@code generation}. */
final class TemplateParser extends ExpressionParser {
  private static final Set<String> RESERVED =
      Set.of("true", "false", "none", "True", "False", "None");
  private static final int MAX_SHOWN = 120;

  private final String source;
  private int loops;

  private TemplateParser(String source) {
    super(Lexer.tokens(source));
    this.source = source;
  }

  static List<Statement> parse(String source) {
    try {
      return parsed(source);
    } catch (TemplateException e) {
      String line = source.lines().skip(Math.max(0, e.line() - 1)).findFirst().orElse("").strip();
      String shown = line.length() > MAX_SHOWN ? line.substring(0, MAX_SHOWN) + "..." : line;
      throw new TemplateException(e.getMessage() + ", in the line " + shown, Math.max(1, e.line()));
    }
  }

  private static List<Statement> parsed(String source) {
    TemplateParser parser = new TemplateParser(source);
    List<Statement> body = parser.body(Set.of());
    if (parser.current().kind() != Kind.END) {
      throw parser.error("unexpected block " + parser.ahead().text());
    }
    return body;
  }

  /** Parses statements up to a block named in {@code ends}, which is not consumed. */
  private List<Statement> body(Set<String> ends) {
    List<Statement> body = new ArrayList<>();
    while (true) {
      Token token = current();
      switch (token.kind()) {
        case DATA -> {
          take();
          body.add(new Data(token.text()));
        }
        case OUTPUT_BEGIN -> {
          take();
          Expression value = tuple(true, Set.of());
          Place place = place(token);
          expect(Kind.OUTPUT_END, "");
          body.add(new Output(value, place));
        }
        case BLOCK_BEGIN -> {
          if (ends.contains(ahead().text()) && ahead().kind() == Kind.NAME) {
            return body;
          }
          take();
          body.add(statement(token));
        }
        default -> {
          if (!ends.isEmpty()) {
            throw error("the template ends where " + String.join(" or ", ends) + " is expected");
          }
          return body;
        }
      }
    }
  }

  /** Parses a body and consumes its end block. */
  private List<Statement> bodyTo(String end) {
    expect(Kind.BLOCK_END, "");
    List<Statement> body = body(Set.of(end));
    take();
    take();
    return body;
  }

  private void endOfBlock() {
    expect(Kind.BLOCK_END, "");
  }

  private Place place(Token begin) {
    String text = source.substring(begin.start(), Math.min(source.length(), current().start() + 2));
    return new Place(
        begin.line(), text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "..." : text);
  }

  private Statement statement(Token begin) {
    String tag = expectName();
    Statement statement =
        switch (tag) {
          case "if" -> conditional(begin);
          case "for" -> loop(begin);
          case "set" -> assignment(begin);
          case "with" -> with(begin);
          case "macro" -> macro();
          case "call" -> callBlock(begin);
          case "filter" -> filterBlock(begin);
          case "generation" ->
              new With(List.of(), List.of(), inner("endgeneration"), new Place(begin.line(), ""));
          case "break" -> leave(tag, Flow.BREAK);
          case "continue" -> leave(tag, Flow.CONTINUE);
          default ->
              throw new TemplateException("the block " + tag + " is not supported", begin.line());
        };
    endOfBlock();
    return statement;
  }

  private List<Statement> inner(String end) {
    int around = loops;
    loops = 0;
    List<Statement> body = bodyTo(end);
    loops = around;
    return body;
  }

  private Statement leave(String tag, Flow flow) {
    if (loops == 0) {
      throw error(tag + " outside of a loop");
    }
    return new Leave(flow);
  }

  private Statement conditional(Token begin) {
    Expression condition = tuple(false, Set.of());
    Place place = place(begin);
    endOfBlock();
    List<Statement> yes = body(Set.of("elif", "else", "endif"));
    Token next = take();
    String tag = take().text();
    if (tag.equals("elif")) {
      return new If(condition, yes, List.of(conditional(next)), place);
    } else if (tag.equals("else")) {
      return new If(condition, yes, bodyTo("endif"), place);
    }
    return new If(condition, yes, List.of(), place);
  }

  private Statement loop(Token begin) {
    Target target = targets(Set.of("in"));
    expect(Kind.NAME, "in");
    Expression items = tuple(false, Set.of("recursive", "if"));
    Expression filter = skip(Kind.NAME, "if") ? expression() : null;
    if (current().isName("recursive")) {
      throw error("recursive loops are not supported");
    }
    Place place = place(begin);
    endOfBlock();
    loops++;
    List<Statement> body = body(Set.of("else", "endfor"));
    loops--;
    take();
    List<Statement> otherwise = take().text().equals("else") ? bodyTo("endfor") : List.of();
    return new For(target, items, filter, body, otherwise, place);
  }

  private Target targets(Set<String> ends) {
    List<Target> targets = new ArrayList<>();
    do {
      if (current().kind() == Kind.NAME && ends.contains(current().text())) {
        throw error("expected a name, not " + shown());
      }
      targets.add(target());
    } while (skipOperator(","));
    return targets.size() > 1 ? new Target(null, targets) : targets.get(0);
  }

  private Target target() {
    if (skipOperator("(")) {
      Target inner = targets(Set.of());
      expect(Kind.OPERATOR, ")");
      return inner;
    }
    String name = expectName();
    if (RESERVED.contains(name) || name.equals(Loop.NAME)) {
      throw error("nothing can be assigned to " + name);
    }
    return new Target(name, List.of());
  }

  private Statement assignment(Token begin) {
    String namespace = null;
    String attribute = null;
    Target target = null;
    if (ahead().isOperator(".")) {
      namespace = expectName();
      take();
      attribute = expectName();
    } else {
      target = targets(Set.of());
    }
    if (skipOperator("=")) {
      Expression value = tuple(true, Set.of());
      Place place = place(begin);
      return attribute == null
          ? new Statement.Set(target, value, place)
          : new SetAttribute(namespace, attribute, value, place);
    }
    Expression filter = new Name(Captured.TEXT);
    while (skipOperator("|")) {
      filter = filter(filter);
    }
    Place place = place(begin);
    return new Captured(target, namespace, attribute, filter, inner("endset"), place);
  }

  private Statement filterBlock(Token begin) {
    Expression filter = filter(new Name(Captured.TEXT));
    while (skipOperator("|")) {
      filter = filter(filter);
    }
    Place place = place(begin);
    return new Captured(null, null, null, filter, inner("endfilter"), place);
  }

  private Statement with(Token begin) {
    List<Target> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (current().kind() != Kind.BLOCK_END) {
      if (!targets.isEmpty()) {
        expect(Kind.OPERATOR, ",");
      }
      targets.add(target());
      expect(Kind.OPERATOR, "=");
      values.add(expression());
    }
    Place place = place(begin);
    return new With(targets, values, bodyTo("endwith"), place);
  }

  private Statement macro() {
    String name = target().name();
    return new DefineMacro(macro(name, true, "endmacro"));
  }

  private Statement callBlock(Token begin) {
    // Parameters of the caller macro precede the call; its body follows.
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    if (current().isOperator("(")) {
      signature(parameters, defaults);
    }
    if (!(expression() instanceof Call call)) {
      throw error("a call block needs a call");
    }
    Place place = place(begin);
    return new CallBlock(macro("caller", parameters, defaults, "endcall"), call, place);
  }

  private Macro macro(String name, boolean hasSignature, String end) {
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    if (hasSignature) {
      signature(parameters, defaults);
    }
    return macro(name, parameters, defaults, end);
  }

  private Macro macro(String name, List<String> parameters, List<Expression> defaults, String end) {
    Set<String> before = new HashSet<>(namesSeen);
    namesSeen.clear();
    List<Statement> body = inner(end);
    Set<String> special = new HashSet<>(namesSeen);
    special.retainAll(Set.of(Macro.VARARGS, Macro.KWARGS, Macro.CALLER));
    namesSeen.addAll(before);
    return new Macro(name, parameters, defaults, special, body);
  }

  private void signature(List<String> parameters, List<Expression> defaults) {
    expect(Kind.OPERATOR, "(");
    while (!skipOperator(")")) {
      if (!parameters.isEmpty()) {
        expect(Kind.OPERATOR, ",");
      }
      parameters.add(target().name());
      if (skipOperator("=")) {
        defaults.add(expression());
      } else if (!defaults.isEmpty()) {
        throw error("a parameter without a default follows one with a default");
      }
    }
  }
}
