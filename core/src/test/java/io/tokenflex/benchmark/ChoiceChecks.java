package io.tokenflex.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.score.ChoiceLetters;
import io.tokenflex.score.ChoiceRule;
import io.tokenflex.score.ChoiceScorer;
import io.tokenflex.score.MmmuAuthorsChoice;
import io.tokenflex.score.MmmuAuthorsOpen;
import io.tokenflex.score.MmmuChoiceScorer;
import io.tokenflex.score.PopeReading;
import io.tokenflex.score.Reference;
import io.tokenflex.score.ScienceQaScorer;
import io.tokenflex.score.YesNoScorer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Letters, yes and no. */
final class ChoiceChecks {
  static final Map<String, CaseCheck> ALL =
      Map.of(
          "mcq-option-parsing", ChoiceChecks::letter,
          "mmmu-rows", ChoiceChecks::mmmu,
          "mmmu-official-choice", ChoiceChecks::mmmuAuthors,
          "mmmu-official-open", ChoiceChecks::mmmuOpen,
          "scienceqa-rows", ChoiceChecks::scienceQa,
          "yes-no", ChoiceChecks::yesNo,
          "pope-parsing", ChoiceChecks::pope);

  private ChoiceChecks() {}

  private static void letter(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectKeys(
        whole, "id", "input", "note", "expected", "expected_2025_08", "expected_2025_04");
    String prediction = EvaluationFiles.cell(input.get("prediction"));
    Map<String, String> choices =
        EvaluationFiles.options(EvaluationFiles.cells(input.get("choices")));
    Map<String, ChoiceRule> rules =
        Map.of(
            "expected", ChoiceRule.JUNE_2026,
            "expected_2025_08", ChoiceRule.AUGUST_2025,
            "expected_2025_04", ChoiceRule.APRIL_2025);
    rules.forEach(
        (key, rule) ->
            differences.expect(
                key, new ChoiceLetters(rule).read(prediction, choices), whole.get(key)));
  }

  private static void mmmu(JsonNode input, JsonNode whole, Differences differences) {
    Map<String, String> cells = EvaluationFiles.cells(input);
    Reference reference =
        Reference.of(cells.getOrDefault("answer", ""), EvaluationFiles.options(cells));
    Map.of("expected", ChoiceRule.JUNE_2026, "expected_2025_04", ChoiceRule.APRIL_2025)
        .forEach(
            (key, rule) ->
                differences.expect(
                    key,
                    new MmmuChoiceScorer(rule).score(reference, cells.get("prediction")).value(),
                    whole.get(key).get("hit")));
  }

  private static SortedMap<String, String> lettered(List<String> options) {
    SortedMap<String, String> lettered = new TreeMap<>();
    options.forEach(text -> lettered.put(String.valueOf((char) ('A' + lettered.size())), text));
    return lettered;
  }

  private static void mmmuAuthors(JsonNode input, JsonNode whole, Differences differences) {
    differences.expect(
        "letter",
        MmmuAuthorsChoice.read(
            input.get("prediction").asText(),
            lettered(EvaluationFiles.texts(input.get("options")))),
        whole.get("expected").get("letter"));
  }

  private static void mmmuOpen(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectKeys(whole.get("expected"), "parsed", "correct");
    Set<Object> candidates = MmmuAuthorsOpen.candidates(input.get("prediction").asText());
    Set<Object> parsed = new HashSet<>();
    whole
        .get("expected")
        .get("parsed")
        .forEach(node -> parsed.add(node.isNumber() ? (Object) node.asDouble() : node.asText()));
    Set<Object> actual = new HashSet<>();
    for (Object candidate : candidates) {
      boolean finite = candidate instanceof String || Double.isFinite((Double) candidate);
      actual.add(finite ? candidate : spelled((Double) candidate));
    }
    if (!parsed.equals(actual)) {
      differences.add("parsed is " + candidates + " but expected " + parsed);
    }
    List<String> answers = new ArrayList<>();
    if (input.get("answer").isArray()) {
      answers.addAll(EvaluationFiles.texts(input.get("answer")));
    } else {
      answers.add(EvaluationFiles.cell(input.get("answer")));
    }
    differences.expect(
        "correct",
        MmmuAuthorsOpen.isRight(answers, candidates),
        whole.get("expected").get("correct"));
  }

  private static String spelled(double number) {
    return Double.isNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
  }

  private static void scienceQa(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectKeys(whole.get("expected"), "lmms_eval", "vlmevalkit");
    Reference reference =
        Reference.of(
            input.get("answer").asText(),
            EvaluationFiles.options(EvaluationFiles.cells(input.get("choices"))));
    String prediction = input.get("prediction").asText();
    differences.expect(
        "lmms-eval",
        new ScienceQaScorer().score(reference, prediction).value(),
        whole.get("expected").get("lmms_eval"));
    differences.expect(
        "VLMEvalKit",
        new ChoiceScorer(ChoiceRule.JUNE_2026).score(reference, prediction).value(),
        whole.get("expected").get("vlmevalkit"));
  }

  private static void yesNo(JsonNode input, JsonNode whole, Differences differences) {
    differences.expect(
        "read", YesNoScorer.read(input.get("prediction").asText()), whole.get("expected"));
  }

  private static void pope(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectKeys(whole.get("expected"), "original", "lmms_eval", "vlmevalkit");
    String prediction = input.get("prediction").asText();
    JsonNode expected = whole.get("expected");
    differences.expect("authors", PopeReading.AUTHORS.read(prediction), expected.get("original"));
    differences.expect(
        "lmms-eval", PopeReading.LMMS_EVAL.read(prediction), expected.get("lmms_eval"));
    differences.expect("VLMEvalKit", YesNoScorer.read(prediction), expected.get("vlmevalkit"));
  }
}
