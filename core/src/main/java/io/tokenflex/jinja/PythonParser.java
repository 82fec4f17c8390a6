package io.tokenflex.jinja;

import com.hubspot.jinjava.el.ExtendedSyntaxBuilder;
import com.hubspot.jinjava.el.ext.AdditionOperator;
import com.hubspot.jinjava.el.ext.AstNamedParameter;
import com.hubspot.jinjava.el.ext.ExtendedParser;
import com.hubspot.jinjava.el.ext.OrOperator;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import java.util.ArrayList;
import java.util.List;
import jinjava.de.odysseus.el.tree.impl.Builder;
import jinjava.de.odysseus.el.tree.impl.Parser;
import jinjava.de.odysseus.el.tree.impl.Scanner.ScanException;
import jinjava.de.odysseus.el.tree.impl.Scanner.Symbol;
import jinjava.de.odysseus.el.tree.impl.ast.AstBinary;
import jinjava.de.odysseus.el.tree.impl.ast.AstDot;
import jinjava.de.odysseus.el.tree.impl.ast.AstIdentifier;
import jinjava.de.odysseus.el.tree.impl.ast.AstNode;
import jinjava.de.odysseus.el.tree.impl.ast.AstParameters;
import jinjava.de.odysseus.el.tree.impl.ast.AstProperty;
import jinjava.de.odysseus.el.tree.impl.ast.AstUnary;

/**
 * Expressions with Jinja2's grammar where Jinjava's differs: {@code not} binds looser than
 * comparisons and tests, a named argument takes a whole expression, a slice has a step.
 */
final class PythonParser extends ExtendedParser {
  private static final AstBinary.Operator PLUS =
      (bindings, context, left, right) ->
          PythonValues.plus(left.eval(bindings, context), right.eval(bindings, context));
  private static final AstBinary.Operator EQUAL =
      (bindings, context, left, right) ->
          PythonValues.areEqual(left.eval(bindings, context), right.eval(bindings, context));
  private static final AstBinary.Operator NOT_EQUAL =
      (bindings, context, left, right) ->
          !PythonValues.areEqual(left.eval(bindings, context), right.eval(bindings, context));
  private static final AstBinary.Operator AND =
      (bindings, context, left, right) -> {
        Object value = left.eval(bindings, context);
        return PythonValues.isTrue(value) ? right.eval(bindings, context) : value;
      };
  private static final AstBinary.Operator OR =
      (bindings, context, left, right) -> {
        Object value = left.eval(bindings, context);
        return PythonValues.isTrue(value) ? value : right.eval(bindings, context);
      };

  private PythonParser(Builder builder, String expression) {
    super(builder, expression);
  }

  /** Hands this parser to the expression language. */
  static final class Syntax extends ExtendedSyntaxBuilder {
    private static final long serialVersionUID = 1;

    Syntax() {
      super(Feature.METHOD_INVOCATIONS, Feature.VARARGS);
    }

    @Override
    protected Parser createParser(String expression) {
      return new PythonParser(this, expression);
    }
  }

  @Override
  protected AstBinary createAstBinary(AstNode left, AstNode right, AstBinary.Operator operator) {
    return super.createAstBinary(left, right, pythonOperator(operator));
  }

  private static AstBinary.Operator pythonOperator(AstBinary.Operator operator) {
    if (operator == AdditionOperator.OP) {
      return PLUS;
    }
    if (operator == AstBinary.EQ) {
      return EQUAL;
    }
    if (operator == AstBinary.NE) {
      return NOT_EQUAL;
    }
    if (operator == AstBinary.AND) {
      return AND;
    }
    return operator == OrOperator.OP ? OR : operator;
  }

  @Override
  protected AstNode unary(boolean required) throws ScanException, ParseException {
    if (getToken().getSymbol() == Symbol.NOT) {
      consumeToken();
      return createAstUnary(eq(true), AstUnary.NOT);
    }
    return super.unary(required);
  }

  @Override
  protected AstParameters params(Symbol left, Symbol right) throws ScanException, ParseException {
    consumeToken(left);
    List<AstNode> arguments = new ArrayList<>();
    while (getToken().getSymbol() != right) {
      arguments.add(argument());
      if (getToken().getSymbol() != Symbol.COMMA) {
        break;
      }
      consumeToken();
    }
    consumeToken(right);
    return createAstParameters(arguments);
  }

  private AstNode argument() throws ScanException, ParseException {
    if (getToken().getSymbol() == Symbol.IDENTIFIER && "=".equals(lookahead(0).getImage())) {
      String name = consumeToken().getImage();
      consumeToken();
      return new AstNamedParameter(identifier(name), expr(true));
    }
    return expr(true);
  }

  @Override
  protected AstNode value() throws ScanException, ParseException {
    AstNode value = nonliteral();
    boolean literal = value == null;
    if (literal) {
      value = literal();
    }
    while (value != null) {
      Symbol symbol = getToken().getSymbol();
      if (symbol == Symbol.DOT) {
        consumeToken();
        AstDot dot =
            createAstDot(new Defined(value), consumeToken(Symbol.IDENTIFIER).getImage(), !literal);
        value = called(dot);
      } else if (symbol == Symbol.LBRACK) {
        consumeToken();
        value = bracket(value, literal);
      } else {
        break;
      }
    }
    return value;
  }

  /** Filters and tests are looked up by such names; Jinjava takes an unknown one for nothing. */
  @Override
  protected AstIdentifier createAstIdentifier(String name, int index) {
    Context context = JinjavaInterpreter.getCurrent().getContext();
    if (name.startsWith(FILTER_PREFIX)) {
      requireKnown(name, context.getFilter(name.substring(FILTER_PREFIX.length())));
    } else if (name.startsWith(EXPTEST_PREFIX)) {
      requireKnown(name, context.getExpTest(name.substring(EXPTEST_PREFIX.length())));
    }
    return super.createAstIdentifier(name, index);
  }

  private static void requireKnown(String name, Object found) {
    if (found == null) {
      throw new UnsupportedOperationException("no " + name.replace("exptest:", "test:"));
    }
  }

  private AstNode called(AstProperty property) throws ScanException, ParseException {
    return getToken().getSymbol() == Symbol.LPAREN ? createAstMethod(property, params()) : property;
  }

  private AstNode bracket(AstNode base, boolean literal) throws ScanException, ParseException {
    AstNode first = expr(false);
    if (getToken().getSymbol() == Symbol.RBRACK) {
      consumeToken();
      return called(createAstBracket(new Defined(base), first, !literal, true));
    }
    List<AstNode> bounds = new ArrayList<>();
    bounds.add(first);
    while (getToken().getSymbol() == Symbol.COLON && bounds.size() < 3) {
      consumeToken();
      bounds.add(expr(false));
    }
    consumeToken(Symbol.RBRACK);
    return new Slice(base, bounds);
  }
}
