package io.tokenflex.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.python.PythonNumbers;
import io.tokenflex.python.PythonText;
import io.tokenflex.table.CellReading;
import io.tokenflex.table.Table;
import io.tokenflex.table.TsvReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Python's texts and the cells of tables. */
final class TextChecks {
  static final Map<String, CaseCheck> ALL =
      Map.of("python-text", TextChecks::pythonText, "table-cells", TextChecks::cells);

  private TextChecks() {}

  private static void pythonText(JsonNode input, JsonNode whole, Differences differences) {
    String text = input.path("text").asText();
    double number =
        input.path("number").isTextual()
            ? PythonNumbers.parseFloat(input.get("number").asText()).orElseThrow()
            : input.path("number").asDouble();
    String operation = input.get("operation").asText();
    Object actual =
        switch (operation) {
          case "split on white space" -> PythonText.split(text);
          case "strip" -> PythonText.strip(text);
          case "lower" -> PythonText.lower(text);
          case "upper" -> PythonText.upper(text);
          case "length of upper" -> PythonText.length(PythonText.upper(text));
          case "length" -> PythonText.length(text);
          case "float" -> orError(PythonNumbers.parseFloat(text));
          case "int" -> PythonNumbers.parseInt(text).map(Object::toString).orElse("error");
          case "round" -> PythonNumbers.round(number, input.get("digits").asInt());
          case "text of float" -> PythonNumbers.text(number);
          case "remove full stops that touch no digit" ->
              text.replaceAll("(?<!\\p{Nd})\\.(?!\\p{Nd})", "");
          default -> throw new IllegalStateException("operation '" + operation + "' is not known");
        };
    differences.expect(operation, actual, whole.get("expected"));
    if (operation.equals("round") && whole.get("expected").asDouble() == 0) {
      differences.expect(
          "sign of " + operation,
          Math.copySign(1, (double) actual),
          DoubleNode.valueOf(Math.copySign(1, whole.get("expected").asDouble())));
    }
  }

  private static Object orError(OptionalDouble number) {
    return number.isPresent() ? (Object) number.getAsDouble() : "error";
  }

  private static void cells(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectKeys(whole.get("expected"), "vlmevalkit", "exact");
    String tsv = input.get("tsv").asText();
    differences.expect(
        "pandas", table(tsv, CellReading.PANDAS), whole.get("expected").get("vlmevalkit"));
    differences.expect("exact", table(tsv, CellReading.EXACT), whole.get("expected").get("exact"));
  }

  private static Object table(String tsv, CellReading reading) {
    try {
      Table table = TsvReader.read(new StringReader(tsv), "table", reading);
      List<List<String>> rows = table.cells().stream().map(Arrays::asList).toList();
      return Map.of("columns", table.columns(), "rows", rows);
    } catch (InvalidInputException e) {
      return "error: ParserError";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
