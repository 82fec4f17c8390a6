package io.tokenflex.jinja;

import java.util.ArrayList;
import java.util.List;
import jinjava.de.odysseus.el.tree.Bindings;
import jinjava.de.odysseus.el.tree.impl.ast.AstNode;
import jinjava.de.odysseus.el.tree.impl.ast.AstRightValue;
import jinjava.javax.el.ELContext;

/** {@code base[start:stop:step]} of a list or, by code points, of a string. */
final class Slice extends AstRightValue {
  private final AstNode base;
  private final List<AstNode> bounds;

  /** Of start, stop and step, the last may be missing and each may be null. */
  Slice(AstNode base, List<AstNode> bounds) {
    this.base = base;
    this.bounds = bounds;
  }

  @Override
  public Object eval(Bindings bindings, ELContext context) {
    Object value = base.eval(bindings, context);
    Long start = bound(0, bindings, context);
    Long stop = bound(1, bindings, context);
    Long step = bound(2, bindings, context);
    if (value instanceof String text) {
      StringBuilder result = new StringBuilder();
      slice(PythonStrings.characters(text), start, stop, step).forEach(result::append);
      return result.toString();
    }
    if (value instanceof List<?> list) {
      return slice(list, start, stop, step);
    }
    throw new UnsupportedOperationException("no slice of " + PythonValues.kindOf(value));
  }

  private Long bound(int index, Bindings bindings, ELContext context) {
    AstNode node = index < bounds.size() ? bounds.get(index) : null;
    Object value = node == null ? null : node.eval(bindings, context);
    return value == null ? null : ((Number) value).longValue();
  }

  private static List<Object> slice(List<?> list, Long start, Long stop, Long stepOrNull) {
    long step = stepOrNull == null ? 1 : stepOrNull;
    if (step == 0) {
      throw new UnsupportedOperationException("a slice's step cannot be 0");
    }
    long size = list.size();
    // Where an index may point: walking back, one before the first.
    long lowest = step > 0 ? 0 : -1;
    long highest = step > 0 ? size : size - 1;
    long from = start == null ? (step > 0 ? lowest : highest) : clamp(start, size, lowest, highest);
    long to = stop == null ? (step > 0 ? highest : lowest) : clamp(stop, size, lowest, highest);
    List<Object> result = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      result.add(list.get((int) i));
    }
    return result;
  }

  private static long clamp(long index, long size, long lowest, long highest) {
    long fromStart = index < 0 ? index + size : index;
    return Math.max(lowest, Math.min(highest, fromStart));
  }

  @Override
  public void appendStructure(StringBuilder builder, Bindings bindings) {
    base.appendStructure(builder, bindings);
    builder.append("[:]");
  }

  @Override
  public int getCardinality() {
    return 1;
  }

  @Override
  public AstNode getChild(int index) {
    return index == 0 ? base : null;
  }
}
