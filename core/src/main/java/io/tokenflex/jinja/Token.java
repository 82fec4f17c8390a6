package io.tokenflex.jinja;

/**
 * A piece of a template.
 *
 * @param text of data, name or operator; a string's content; a number as it is written
 * @param start where it begins in the source, for messages
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
