package io.tokenflex.jinja;

import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.tag.IfTag;
import com.hubspot.jinjava.lib.tag.Tag;
import com.hubspot.jinjava.tree.Node;
import com.hubspot.jinjava.tree.TagNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tags that Jinjava lacks, or to which it gives another meaning than Jinja2. */
final class PythonTags {
  private PythonTags() {}

  /** An {@code if} for which the string "false" is true. */
  static final class If extends IfTag {
    private static final long serialVersionUID = 1;

    @Override
    public boolean isPositiveIfElseNode(TagNode node, JinjavaInterpreter interpreter) {
      return PythonValues.isTrue(
          interpreter.resolveELExpression(
              node.getHelpers(), node.getLineNumber(), node.getStartPosition()));
    }
  }

  /** {@code generation} marks what the model says; it changes nothing. */
  static final class Generation implements Tag {
    private static final long serialVersionUID = 1;

    @Override
    public String getName() {
      return "generation";
    }

    @Override
    public String interpret(TagNode node, JinjavaInterpreter interpreter) {
      StringBuilder text = new StringBuilder();
      renderChildren(node, interpreter, text);
      return text.toString();
    }
  }

  /** A {@code for} whose every round has a scope of its own, and which may end in {@code if}. */
  @SuppressWarnings("try") // a scope is only left, never asked
  static final class For implements Tag {
    private static final long serialVersionUID = 1;

    @Override
    public String getName() {
      return "for";
    }

    @Override
    public String interpret(TagNode node, JinjavaInterpreter interpreter) {
      String head = node.getHelpers().strip();
      int in = head.indexOf(" in ");
      if (in < 0) {
        throw error(node, "a loop needs 'in': " + head);
      }
      List<String> names =
          Arrays.stream(head.substring(0, in).replaceAll("[()]", "").split(",", -1))
              .map(String::strip)
              .toList();
      String source = head.substring(in + " in ".length());
      int condition = topLevelIf(source);
      String listed = condition < 0 ? source : source.substring(0, condition);
      List<Object> items = elements(interpreter.resolveELExpression(listed, node.getLineNumber()));
      if (condition >= 0) {
        String test = source.substring(condition + " if ".length());
        items =
            items.stream().filter(item -> passes(item, names, test, node, interpreter)).toList();
      }
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < items.size(); i++) {
        try (JinjavaInterpreter.InterpreterScopeClosable scope = interpreter.enterScope()) {
          bind(items.get(i), names, node, interpreter);
          interpreter.getContext().put("loop", loop(items, i));
          renderChildren(node, interpreter, text);
        }
      }
      return text.toString();
    }

    private static boolean passes(
        Object item,
        List<String> names,
        String test,
        TagNode node,
        JinjavaInterpreter interpreter) {
      try (JinjavaInterpreter.InterpreterScopeClosable scope = interpreter.enterScope()) {
        bind(item, names, node, interpreter);
        return PythonValues.isTrue(interpreter.resolveELExpression(test, node.getLineNumber()));
      }
    }

    private static void bind(
        Object item, List<String> names, TagNode node, JinjavaInterpreter interpreter) {
      if (names.size() == 1) {
        interpreter.getContext().put(names.get(0), item);
        return;
      }
      if (!(item instanceof List<?> parts) || parts.size() != names.size()) {
        throw error(node, "cannot unpack %s to %s".formatted(PythonValues.kindOf(item), names));
      }
      for (int i = 0; i < names.size(); i++) {
        interpreter.getContext().put(names.get(i), parts.get(i));
      }
    }

    private static Map<String, Object> loop(List<Object> items, int index) {
      int size = items.size();
      Map<String, Object> loop = new LinkedHashMap<>();
      loop.put("index", index + 1L);
      loop.put("index0", (long) index);
      loop.put("revindex", (long) size - index);
      loop.put("revindex0", size - index - 1L);
      loop.put("first", index == 0);
      loop.put("last", index == size - 1);
      loop.put("length", (long) size);
      loop.put("previtem", index == 0 ? null : items.get(index - 1));
      loop.put("nextitem", index == size - 1 ? null : items.get(index + 1));
      return loop;
    }

    private static List<Object> elements(Object value) {
      if (value == null) {
        return List.of();
      }
      if (value instanceof String text) {
        return PythonStrings.characters(text);
      }
      if (value instanceof Collection<?> collection) {
        return new ArrayList<>(collection);
      }
      if (value instanceof Map<?, ?> map) {
        return new ArrayList<>(map.keySet());
      }
      throw new UnsupportedOperationException("no loop over " + PythonValues.kindOf(value));
    }

    /** Where the loop's filter begins: an {@code if} outside of brackets and quotes. */
    private static int topLevelIf(String source) {
      int depth = 0;
      char quote = 0;
      for (int i = 0; i < source.length(); i++) {
        char c = source.charAt(i);
        if (quote != 0) {
          quote = c == quote ? 0 : quote;
        } else if (c == '\'' || c == '"') {
          quote = c;
        } else if ("([{".indexOf(c) >= 0) {
          depth++;
        } else if (")]}".indexOf(c) >= 0) {
          depth--;
        } else if (depth == 0 && source.startsWith(" if ", i)) {
          return i;
        }
      }
      return -1;
    }

    private static InterpretException error(TagNode node, String message) {
      return new InterpretException(message, node.getLineNumber(), node.getStartPosition());
    }
  }

  private static void renderChildren(
      TagNode node, JinjavaInterpreter interpreter, StringBuilder text) {
    for (Node child : node.getChildren()) {
      text.append(child.render(interpreter));
      Limits.checkLength(text.length());
    }
  }
}
