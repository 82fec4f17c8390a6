package io.tokenflex.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Templates and what transformers makes of them: every {@code cases.json} with templates below the
 * folder that the system property {@code tokenflex.model.cases} names, by default the test
 * resources. A template is rendered as by transformers or refused; never otherwise.
 *
 * <p>The file holds {@code variables} and {@code cases} of {@code template} and {@code expected},
 * which is null where transformers raises an error. A file {@code refused.json} beside it lists the
 * templates that are refused here though transformers renders them: no others may be.
 */
class JinjaCasesTest {
  private static final String FOLDER = "tokenflex.model.cases";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TestFactory
  Stream<DynamicTest> templatesAreRenderedAsByTransformersOrRefused()
      throws IOException, URISyntaxException {
    String given = System.getProperty(FOLDER, "");
    Path folder =
        given.isEmpty()
            ? Path.of(JinjaCasesTest.class.getResource("/cases/models").toURI())
            : Path.of(given);
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(file -> file.endsWith("cases.json")).sorted().toList();
    }
    return files.stream()
        .filter(file -> read(file).at("/cases/0").has("template"))
        .map(file -> DynamicTest.dynamicTest(folder.relativize(file).toString(), () -> run(file)));
  }

  private static JsonNode read(Path file) {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new AssertionError(file.toString(), e);
    }
  }

  private static void run(Path file) {
    JsonNode root = read(file);
    Map<?, ?> all = JSON.convertValue(root.path("variables"), Map.class);
    Map<String, Object> variables = new LinkedHashMap<>();
    all.forEach((key, value) -> variables.put(key.toString(), value));
    List<String> differences = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (JsonNode node : root.get("cases")) {
      String template = node.get("template").asText();
      String expected = node.path("expected").isTextual() ? node.get("expected").asText() : null;
      try {
        String actual = new JinjaTemplate("t", template).render(variables);
        if (!actual.equals(expected)) {
          differences.add(template + "\n  is      " + actual + "\n  but not " + expected);
        }
      } catch (InvalidInputException e) {
        if (!e.getMessage().startsWith("Template t, line ")) {
          differences.add(template + "\n  is refused without its place: " + e.getMessage());
        } else if (expected != null) {
          refused.add(template);
        }
      }
    }
    assertThat(differences).as(file.toString()).isEmpty();
    Path known = file.resolveSibling("refused.json");
    if (Files.exists(known)) {
      assertThat(refused)
          .as("refused though transformers renders them, %s", file)
          .containsExactlyInAnyOrderElementsOf(
              List.of(JSON.convertValue(read(known), String[].class)));
    }
  }
}
