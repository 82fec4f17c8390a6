package io.tokenflex;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Measured differences from the reference, left for tools/golden/parity_table.py. */
public final class Parity {
  private static final Path FILE = Path.of("target", "parity.jsonl");

  private Parity() {}

  /**
   * Appends a line; a later one for the same measure replaces it in the table.
   *
   * @param table vision, language, whole or lora
   * @param name of the golden
   */
  public static synchronized void record(String table, String name, String measure, double value) {
    ObjectNode line = new ObjectMapper().createObjectNode();
    line.put("table", table).put("name", name).put("measure", measure).put("value", value);
    try {
      Files.createDirectories(FILE.getParent());
      Files.writeString(FILE, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The largest difference of two arrays, which must be within the bar of the goldens. */
  public static double maxDifference(String what, float[] actual, float[] expected) {
    Golden.assertClose(what, actual, expected);
    double max = 0;
    for (int i = 0; i < expected.length; i++) {
      max = Math.max(max, Math.abs((double) actual[i] - expected[i]));
    }
    return max;
  }
}
