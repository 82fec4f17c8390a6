package io.tokenflex.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What public evaluation programs gave for inputs, recorded: every {@code *.json} in the folder
 * that the system property {@code tokenflex.evaluation.cases} names, by default the test resources.
 *
 * <p>A file holds {@code scorer}, which says what its cases are about, and {@code cases} of {@code
 * id}, {@code input} and {@code expected}. A file of a form that is not known fails.
 */
class EvaluationCasesTest {
  private static final Map<String, CaseCheck> CHECKS = new HashMap<>();

  static {
    CHECKS.putAll(TextChecks.ALL);
    CHECKS.putAll(ChoiceChecks.ALL);
    CHECKS.putAll(VqaChecks.ALL);
    CHECKS.putAll(JudgeChecks.ALL);
    CHECKS.putAll(StatisticsChecks.ALL);
    CHECKS.putAll(ReportChecks.ALL);
    CHECKS.putAll(CaptionChecks.ALL);
  }

  @TempDir Path temporary;

  @TestFactory
  Stream<DynamicTest> everyCaseGivesWhatTheProgramsGave() throws IOException {
    Path folder = EvaluationFiles.folder("tokenflex.evaluation.cases", "/evaluation/cases");
    List<Path> files = EvaluationFiles.in(folder, ".json");
    assertThat(files).as("case files in %s", folder).isNotEmpty();
    return files.stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  private static void check(Path file) throws IOException {
    JsonNode root = EvaluationFiles.read(file);
    String scorer = root.path("scorer").asText();
    CaseCheck check = CHECKS.get(scorer);
    assertThat(check)
        .as(
            "%s: scorer '%s' is not known; known are %s",
            file, scorer, CHECKS.keySet().stream().sorted().toList())
        .isNotNull();
    assertThat(root.path("cases")).as("%s: cases", file).isNotEmpty();
    Differences differences = new Differences();
    for (JsonNode node : root.get("cases")) {
      differences.of(node.path("id").asText() + " " + node.get("input"));
      try {
        check.check(node.get("input"), node, differences);
      } catch (RuntimeException e) {
        differences.add("throws " + e);
      }
    }
    assertThat(differences.all()).as("%s, %s cases", file, root.get("cases").size()).isEmpty();
  }

  /** Every form of file that this test knows has a file among the resources. */
  @TestFactory
  Stream<DynamicTest> everyFormHasCases() throws IOException {
    List<String> scorers =
        EvaluationFiles.in(EvaluationFiles.resource("/evaluation/cases"), ".json").stream()
            .map(file -> EvaluationFiles.readUnchecked(file).path("scorer").asText())
            .toList();
    return CHECKS.keySet().stream()
        .sorted()
        .map(scorer -> DynamicTest.dynamicTest(scorer, () -> assertThat(scorers).contains(scorer)));
  }

  @Test
  void aFileOfAnUnknownFormFails() throws IOException {
    Path file = Files.writeString(temporary.resolve("new.json"), "{\"scorer\": \"chess\"}");
    assertThatThrownBy(() -> check(file))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("scorer 'chess' is not known; known are [anls, ");
  }
}
