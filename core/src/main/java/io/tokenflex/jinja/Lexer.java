package io.tokenflex.jinja;

import io.tokenflex.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a template into tokens, by Jinja2's rules with {@code trim_blocks} and {@code
 * lstrip_blocks}: the newline after a block and white space between the start of a line and a block
 * are removed; {@code -} removes all white space on its side, {@code +} keeps it.
 */
final class Lexer {
  private static final Pattern BEGIN =
      Pattern.compile(
          "\\{%([-+]?)\\s*raw\\s*(-?)%\\}|\\{%([-+]?)|\\{\\{([-+]?)|\\{#([-+]?)", Pattern.DOTALL);
  private static final Pattern END_RAW =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}", Pattern.DOTALL);
  private static final Pattern END_COMMENT = Pattern.compile("([-+]?)#\\}");
  private static final Pattern FLOAT =
      Pattern.compile(
          "(?<!\\.)(\\d+_)*\\d+((\\.(\\d+_)*\\d+)?[eE][+-]?(\\d+_)*\\d+|\\.(\\d+_)*\\d+)");
  private static final Pattern INTEGER =
      Pattern.compile("0[bB](_?[01])+|0[oO](_?[0-7])+|0[xX](_?[0-9a-fA-F])+|[1-9](_?\\d)*|0(_?0)*");
  private static final Pattern NAME =
      Pattern.compile("[\\p{L}\\p{Nl}_][\\p{L}\\p{Nl}\\p{N}\\p{M}_]*");
  private static final Pattern STRING =
      Pattern.compile(
          "'([^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+)'|\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"",
          Pattern.DOTALL);
  private static final Pattern OPERATOR =
      Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}><=.:|,;]");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private int counted;

  /** Whether the last token ended with a newline, so that a block may be the first of its line. */
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
  }

  /** Tokenizes a template with LF line ends. */
  static List<Token> tokens(String source) {
    Lexer lexer = new Lexer(source);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    Matcher begin = BEGIN.matcher(source);
    while (begin.find(at)) {
      boolean raw = begin.group(1) != null;
      boolean output = begin.group(4) != null;
      String sign = firstOf(begin.group(1), begin.group(3), begin.group(4), begin.group(5));
      data(source.substring(at, begin.start()), sign, !output);
      int start = begin.start();
      at = begin.end();
      lineStarts = false;
      if (raw) {
        raw(begin.group(2).equals("-"));
      } else if (begin.group(5) != null) {
        comment(start);
      } else {
        add(output ? Kind.OUTPUT_BEGIN : Kind.BLOCK_BEGIN, "", start);
        expression(output);
      }
    }
    data(source.substring(at), "+", false);
    at = source.length();
    add(Kind.END, "", at);
  }

  private static String firstOf(String... groups) {
    for (String group : groups) {
      if (group != null) {
        return group;
      }
    }
    return "";
  }

  private void data(String text, String sign, boolean stripsLine) {
    String kept = text;
    if (sign.equals("-")) {
      kept = PythonStrings.strip(text, false, true);
    } else if (stripsLine && !sign.equals("+")) {
      int lineStart = text.lastIndexOf('\n') + 1;
      if ((lineStart > 0 || lineStarts)
          && text.substring(lineStart).codePoints().allMatch(PythonStrings::isSpace)) {
        kept = text.substring(0, lineStart);
      }
    }
    if (!kept.isEmpty()) {
      add(Kind.DATA, kept, at);
    }
  }

  private void raw(boolean skipsSpace) {
    if (skipsSpace) {
      skipSpace();
    }
    Matcher end = END_RAW.matcher(source);
    if (!end.find(at)) {
      throw error("a raw block has no endraw");
    }
    data(source.substring(at, end.start()), end.group(1), true);
    at = end.end();
    closed(end.group(2), true);
  }

  private void comment(int start) {
    Matcher end = END_COMMENT.matcher(source);
    if (!end.find(at)) {
      at = start;
      throw error("a comment has no end #}");
    }
    at = end.end();
    closed(end.group(1), true);
  }

  private void closed(String sign, boolean trims) {
    lineStarts = false;
    if (sign.equals("-")) {
      int before = at;
      skipSpace();
      lineStarts = at > before && source.charAt(at - 1) == '\n';
    } else if (trims && !sign.equals("+") && source.startsWith("\n", at)) {
      at++;
      lineStarts = true;
    }
  }

  private void skipSpace() {
    while (at < source.length() && PythonStrings.isSpace(source.charAt(at))) {
      at++;
    }
  }

  private void expression(boolean output) {
    String end = output ? "}}" : "%}";
    Deque<Character> open = new ArrayDeque<>();
    while (true) {
      skipSpace();
      if (at == source.length()) {
        throw error("the template ends inside of " + (output ? "{{" : "{%"));
      }
      if (open.isEmpty()) {
        boolean signed =
            source.startsWith("-" + end, at) || (!output && source.startsWith("+" + end, at));
        if (signed || source.startsWith(end, at)) {
          String sign = signed ? source.substring(at, at + 1) : "";
          add(output ? Kind.OUTPUT_END : Kind.BLOCK_END, "", at);
          at += sign.length() + end.length();
          closed(sign, !output);
          return;
        }
      }
      token(open);
    }
  }

  private void token(Deque<Character> open) {
    if (take(Kind.FLOAT, FLOAT) || take(Kind.INTEGER, INTEGER) || take(Kind.NAME, NAME)) {
      return;
    }
    Matcher string = STRING.matcher(source).region(at, source.length());
    if (string.lookingAt()) {
      String content = string.group(1) != null ? string.group(1) : string.group(2);
      add(Kind.STRING, StringLiteral.unescape(content), at);
      at = string.end();
      return;
    }
    Matcher operator = OPERATOR.matcher(source).region(at, source.length());
    if (!operator.lookingAt()) {
      throw error("unexpected character '" + Character.toString(source.codePointAt(at)) + "'");
    }
    char c = operator.group().charAt(0);
    if ("([{".indexOf(c) >= 0) {
      open.push(c);
    } else if (")]}".indexOf(c) >= 0
        && (open.isEmpty() || ")]}".indexOf(c) != "([{".indexOf(open.pop()))) {
      throw error("unexpected '" + c + "'");
    }
    add(Kind.OPERATOR, operator.group(), at);
    at = operator.end();
  }

  private boolean take(Kind kind, Pattern pattern) {
    Matcher matcher =
        pattern.matcher(source).region(at, source.length()).useTransparentBounds(true);
    if (!matcher.lookingAt()) {
      return false;
    }
    add(kind, matcher.group(), at);
    at = matcher.end();
    return true;
  }

  private void add(Kind kind, String text, int start) {
    for (; counted < start; counted++) {
      line += source.charAt(counted) == '\n' ? 1 : 0;
    }
    tokens.add(new Token(kind, text, line, start));
  }

  private TemplateException error(String message) {
    add(Kind.END, "", at);
    return new TemplateException(message, line);
  }
}
