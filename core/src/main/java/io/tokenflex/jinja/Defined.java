package io.tokenflex.jinja;

import jinjava.de.odysseus.el.tree.Bindings;
import jinjava.de.odysseus.el.tree.impl.ast.AstNode;
import jinjava.de.odysseus.el.tree.impl.ast.AstRightValue;
import jinjava.javax.el.ELContext;

/** A value that is asked for something and so must be defined. */
final class Defined extends AstRightValue {
  private final AstNode node;

  Defined(AstNode node) {
    this.node = node;
  }

  @Override
  public Object eval(Bindings bindings, ELContext context) {
    Object value = node.eval(bindings, context);
    if (value == null) {
      throw new UnsupportedOperationException(
          "%s is undefined".formatted(node.getStructuralId(bindings)));
    }
    return value;
  }

  @Override
  public void appendStructure(StringBuilder builder, Bindings bindings) {
    node.appendStructure(builder, bindings);
  }

  @Override
  public int getCardinality() {
    return 1;
  }

  @Override
  public AstNode getChild(int index) {
    return index == 0 ? node : null;
  }
}
