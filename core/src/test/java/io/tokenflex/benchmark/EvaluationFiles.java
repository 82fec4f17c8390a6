package io.tokenflex.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.python.PythonNumbers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Files of recorded cases, and what stands in them. */
final class EvaluationFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private EvaluationFiles() {}

  /** The folder that a system property names, or a folder of the test resources. */
  static Path folder(String property, String resource) {
    String given = System.getProperty(property, "");
    return given.isEmpty() ? resource(resource) : Path.of(given);
  }

  static Path resource(String resource) {
    try {
      return Path.of(EvaluationFiles.class.getResource(resource).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(resource, e);
    }
  }

  static List<Path> in(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  static JsonNode read(Path file) throws IOException {
    return JSON.readTree(Files.readAllBytes(file));
  }

  static JsonNode readUnchecked(Path file) {
    try {
      return read(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Texts of an array; numbers as Python shows them. */
  static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(node -> texts.add(cell(node)));
    return texts;
  }

  /** Texts of an object in its order; null members are left out. */
  static Map<String, String> cells(JsonNode object) {
    Map<String, String> cells = new LinkedHashMap<>();
    object
        .properties()
        .forEach(
            entry -> {
              if (!entry.getValue().isNull()) {
                cells.put(entry.getKey(), cell(entry.getValue()));
              }
            });
    return cells;
  }

  /** The cells that are options of a choice. */
  static SortedMap<String, String> options(Map<String, String> cells) {
    SortedMap<String, String> options = new TreeMap<>(cells);
    options.keySet().removeIf(name -> !name.matches("[A-Z]"));
    return options;
  }

  /** A cell's text: a number is one that pandas read. */
  static String cell(JsonNode node) {
    if (node.isDouble()) {
      return PythonNumbers.text(node.asDouble());
    }
    return node.isBoolean() ? (node.asBoolean() ? "True" : "False") : node.asText();
  }
}
