package io.tokenflex.convert;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.json.PythonJson;
import io.tokenflex.lora.PeftConfig;
import io.tokenflex.modelfolder.ImageProcessorJson;
import io.tokenflex.text.EndTokens;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Small files of published models and what is to become of them, case by case; the form is in
 * CONTRIBUTING. The system property {@code tokenflex.model.cases} names another folder of them, by
 * default they are in the test resources.
 */
class ModelCasesTest {
  private static final String FOLDER = "tokenflex.model.cases";
  private static final String FILE = "cases.json";

  @TestFactory
  List<DynamicTest> everyCaseGivesWhatIsExpected() throws IOException, URISyntaxException {
    String given = System.getProperty(FOLDER, "");
    Path folder =
        given.isEmpty()
            ? Path.of(ModelCasesTest.class.getResource("/cases/models").toURI())
            : Path.of(given);
    List<DynamicTest> tests = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.endsWith(FILE)).sorted().toList()) {
        JsonNode root = PythonJson.read(Files.readAllBytes(file), file.toString());
        int number = 0;
        for (JsonNode one : root.path("cases")) {
          number++;
          String name = file.getParent().getFileName() + " " + number;
          if (!one.has("template")) { // JinjaCasesTest takes those
            tests.add(DynamicTest.dynamicTest(name, () -> check(root, one)));
          }
        }
      }
    }
    assertThat(tests.isEmpty() && given.isEmpty()).as("no cases in %s", folder).isFalse();
    return tests;
  }

  private static void check(JsonNode root, JsonNode one) throws IOException {
    boolean isRefused = one.hasNonNull("error");
    JsonNode seen;
    try {
      seen = outcome(root, one);
    } catch (IOException | RuntimeException e) {
      assertThat(isRefused).as("%s gave %s", one, e).isTrue();
      assertThat(e.getMessage()).as("%s", one).contains(one.path("error").asText());
      return;
    }
    assertThat(isRefused).as("%s gave %s and was to be refused", one, seen).isFalse();
    JsonNode expected = one.path("expected");
    if (!expected.isObject()) {
      assertThat(seen.toString()).as("%s", one).isEqualTo(expected.toString());
      return;
    }
    for (Map.Entry<String, JsonNode> entry : expected.properties()) {
      assertThat(same(seen.path(entry.getKey()), entry.getValue()))
          .as("%s: %s of %s", one, entry.getKey(), seen)
          .isTrue();
    }
  }

  /** Null is expected of a key that is not there. */
  private static boolean same(JsonNode seen, JsonNode expected) {
    if (expected.isNull()) {
      return seen.isMissingNode() || seen.isNull();
    }
    if (seen.isNumber() && expected.isNumber()) {
      return seen.doubleValue() == expected.doubleValue();
    }
    return seen.equals(expected);
  }

  private static JsonNode outcome(JsonNode root, JsonNode one) throws IOException {
    ObjectNode changed = JsonNodeFactory.instance.objectNode();
    if (root.path("base") instanceof ObjectNode base) {
      changed.setAll(base);
    }
    if (one.path("json") instanceof ObjectNode json) {
      changed.setAll(json);
    }
    one.path("without").forEach(key -> changed.remove(key.asText()));
    byte[] bytes =
        one.has("text") ? one.get("text").asText().getBytes(UTF_8) : PythonJson.write(changed);
    String kind = one.path("kind").asText(root.path("kind").asText());
    JsonNode read = PythonJson.read(bytes, kind);
    return switch (kind) {
      case "language_config" ->
          PretrainedLanguageConfig.write(PretrainedLanguageConfig.read(read, "config.json"));
      case "vision_config" ->
          PretrainedVisionConfig.write(
              PretrainedVisionConfig.format(read, "config.json"),
              PretrainedVisionConfig.read(read, "config.json"));
      case "preprocessor_config" ->
          PythonJson.read(
              ImageProcessorJson.write(ImageProcessorJson.read(bytes, "preprocessor_config.json")),
              kind);
      case "tokenizer_config" ->
          PythonJson.read(
              TokenizerConfig.portable(
                  bytes, JsonNodeFactory.instance.objectNode(), root.path("tokenizer")),
              kind);
      case "adapter_config" ->
          PythonJson.read(PeftConfig.read(bytes, "adapter_config.json").write(), kind);
      case "generation_config" ->
          new ObjectMapper().valueToTree(EndTokens.read(bytes, "generation_config.json"));
      default -> throw new IllegalArgumentException("cases.json: no kind " + kind);
    };
  }
}
