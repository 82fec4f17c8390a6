package io.tokenflex.jinja;

import io.tokenflex.jinja.Token.Kind;
import java.util.List;

/** Reads the tokens of a template in order. */
class TokenReader {
  private final List<Token> tokens;
  private int at;

  TokenReader(List<Token> tokens) {
    this.tokens = tokens;
  }

  final Token current() {
    return tokens.get(at);
  }

  final Token ahead() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  final Token take() {
    return tokens.get(at == tokens.size() - 1 ? at : at++);
  }

  final boolean skip(Kind kind, String text) {
    boolean found = current().is(kind, text);
    if (found) {
      take();
    }
    return found;
  }

  final boolean skipOperator(String operator) {
    return skip(Kind.OPERATOR, operator);
  }

  final Token expect(Kind kind, String text) {
    if (current().kind() != kind || (!text.isEmpty() && !current().text().equals(text))) {
      throw error("expected " + (text.isEmpty() ? kind : "'" + text + "'") + ", not " + shown());
    }
    return take();
  }

  final String expectName() {
    return expect(Kind.NAME, "").text();
  }

  final TemplateException error(String message) {
    return new TemplateException(message, current().line());
  }

  final String shown() {
    return switch (current().kind()) {
      case BLOCK_END, OUTPUT_END -> "the end";
      case END, DATA, OUTPUT_BEGIN, BLOCK_BEGIN -> "the template's end";
      default -> "'" + current().text() + "'";
    };
  }
}
