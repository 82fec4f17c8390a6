package io.tokenflex.jinja;

/**
 * A token of a template.
 *
 * @param text source text of data, names, operators and numbers; decoded content of strings
 * @param start offset in the source, for messages
 */
record Token(Kind kind, String text, int line, int start) {
  enum Kind {
    DATA,
    OUTPUT_BEGIN,
    OUTPUT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(Kind other, String words) {
    return kind == other && text.equals(words);
  }

  boolean isOperator(String operator) {
    return is(Kind.OPERATOR, operator);
  }

  boolean isName(String name) {
    return is(Kind.NAME, name);
  }
}
