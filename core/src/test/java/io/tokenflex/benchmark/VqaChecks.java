package io.tokenflex.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.score.AnlsScorer;
import io.tokenflex.score.ChoiceRule;
import io.tokenflex.score.ExactMatchScorer;
import io.tokenflex.score.MathVistaAuthors;
import io.tokenflex.score.MathVistaRow;
import io.tokenflex.score.MathVistaScorer;
import io.tokenflex.score.NormalisedMatchScorer;
import io.tokenflex.score.OcrBenchScorer;
import io.tokenflex.score.Reference;
import io.tokenflex.score.RelaxedAccuracyScorer;
import io.tokenflex.score.Score;
import io.tokenflex.score.Scorer;
import io.tokenflex.score.VqaAccuracyScorer;
import io.tokenflex.score.VqaNormalisation;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Short answers in the model's own words. */
final class VqaChecks {
  static final Map<String, CaseCheck> ALL =
      Map.of(
          "vqa-normalisation", VqaChecks::normalisation,
          "vqa-accuracy", VqaChecks::accuracy,
          "anls", VqaChecks::anls,
          "relaxed-accuracy", VqaChecks::relaxed,
          "exact-match", VqaChecks::exact,
          "ocrbench-rows", VqaChecks::ocrBench,
          "mathvista-rows", VqaChecks::mathVista);

  private VqaChecks() {}

  private static void normalisation(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(expected, "vlmevalkit", "lmms_eval_textvqa", "lmms_eval_vqav2");
    String text = input.get("text").asText();
    Map.of(
            "vlmevalkit", VqaNormalisation.VLMEVALKIT,
            "lmms_eval_textvqa", VqaNormalisation.LMMS_EVAL_TEXTVQA,
            "lmms_eval_vqav2", VqaNormalisation.LMMS_EVAL_VQAV2)
        .forEach((key, rule) -> differences.expect(key, rule.apply(text), expected.get(key)));
  }

  /** A list as a cell of a table holds it. */
  static String listCell(List<String> texts) {
    StringBuilder cell = new StringBuilder("[");
    for (String text : texts) {
      cell.append('\'');
      text.codePoints()
          .forEach(
              c ->
                  cell.append(
                      c < 0x20 || c == '\'' || c == '\\' || c >= 0x7f
                          ? String.format(Locale.ROOT, "\\U%08x", c)
                          : Character.toString(c)));
      cell.append("', ");
    }
    return cell.append(']').toString();
  }

  private static void accuracy(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(
        expected, "vlmevalkit", "lmms_eval_textvqa", "lmms_eval_vqav2", "official_vqa");
    Reference reference = Reference.of(listCell(EvaluationFiles.texts(input.get("answers"))));
    Map.of(
            "vlmevalkit", VqaNormalisation.VLMEVALKIT,
            "lmms_eval_textvqa", VqaNormalisation.LMMS_EVAL_TEXTVQA,
            "lmms_eval_vqav2", VqaNormalisation.LMMS_EVAL_VQAV2,
            "official_vqa", VqaNormalisation.AUTHORS)
        .forEach(
            (key, rule) -> {
              if (expected.has(key)) {
                differences.expect(
                    key,
                    value(new VqaAccuracyScorer(rule), reference, input.get("prediction").asText()),
                    expected.get(key));
              }
            });
  }

  private static double value(Scorer scorer, Reference reference, String prediction) {
    return scorer.score(reference, prediction).value();
  }

  private static void anls(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(expected, "vlmevalkit", "distances", "lmms_eval");
    List<String> answers = EvaluationFiles.texts(input.get("answers"));
    String prediction = input.get("prediction").asText();
    differences.expect(
        "distances", AnlsScorer.distances(answers, prediction), expected.get("distances"));
    double score = value(new AnlsScorer(), Reference.of(listCell(answers)), prediction);
    differences.expect("VLMEvalKit", score, expected.get("vlmevalkit"));
    differences.expect("lmms-eval", score, expected.get("lmms_eval"));
  }

  private static void relaxed(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(expected, "vlmevalkit", "vlmevalkit_2025_04", "lmms_eval");
    Reference reference = Reference.of(input.get("answer").asText());
    Map.of(
            "vlmevalkit", RelaxedAccuracyScorer.Variant.VLMEVALKIT,
            "vlmevalkit_2025_04", RelaxedAccuracyScorer.Variant.VLMEVALKIT_2025_04,
            "lmms_eval", RelaxedAccuracyScorer.Variant.LMMS_EVAL)
        .forEach(
            (key, variant) -> {
              // No number where the program was not run on such an answer.
              if (!expected.path(key).isMissingNode()) {
                differences.expect(
                    key,
                    value(
                            new RelaxedAccuracyScorer(variant),
                            reference,
                            input.get("prediction").asText())
                        == 1,
                    expected.get(key));
              }
            });
  }

  private static void exact(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(expected, "accuracy", "normalised");
    Reference reference = Reference.of(input.get("answer").asText());
    String prediction = input.get("prediction").asText();
    differences.expectOrError(
        "accuracy",
        () -> value(new ExactMatchScorer(), reference, prediction),
        expected.get("accuracy"));
    differences.expectOrError(
        "normalised",
        () -> value(new NormalisedMatchScorer(), reference, prediction),
        expected.get("normalised"));
  }

  private static void ocrBench(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(expected, "vlmevalkit", "lmms_eval");
    Reference reference =
        new Reference(
            input.get("answer").asText(),
            new TreeMap<>(),
            Map.of("category", input.get("category").asText()));
    Map.of(
            "vlmevalkit", OcrBenchScorer.Variant.VLMEVALKIT,
            "lmms_eval", OcrBenchScorer.Variant.LMMS_EVAL)
        .forEach(
            (key, variant) ->
                differences.expectOrError(
                    key,
                    () ->
                        value(
                            new OcrBenchScorer(variant),
                            reference,
                            input.get("prediction").asText()),
                    expected.get(key)));
  }

  static MathVistaRow row(JsonNode input) {
    JsonNode precision = input.path("precision");
    return new MathVistaRow(
        input.get("question_type").asText(),
        input.get("answer_type").asText(),
        precision.isNumber() ? OptionalInt.of(precision.asInt()) : OptionalInt.empty(),
        EvaluationFiles.texts(input.get("choices")),
        EvaluationFiles.cell(input.get("answer")),
        input.get("answer_option").isNull() ? "" : input.get("answer_option").asText());
  }

  private static void mathVista(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(expected, "vlmevalkit", "official");
    differences.expectKeys(
        expected.get("vlmevalkit"), "resolved_without_judge", "value", "correct");
    differences.expectKeys(
        expected.get("official"),
        "extracted_without_judge",
        "extracted_quick",
        "normalised",
        "correct");
    MathVistaRow row = row(input);
    String prediction = input.get("prediction").asText();
    Score score =
        new MathVistaScorer(MathVistaScorer.Variant.VLMEVALKIT, ChoiceRule.JUNE_2026)
            .score(row, prediction);
    JsonNode kit = expected.get("vlmevalkit");
    differences.expect("resolved", score.isScored(), kit.get("resolved_without_judge"));
    differences.expect("correct", score.value() == 1, kit.get("correct"));
    if (score.isScored() && !kit.get("value").isNull()) {
      JsonNode value = kit.get("value");
      differences.expect(
          "value",
          value.isNumber()
              ? value.isIntegralNumber()
                  ? new BigInteger(score.read())
                  : (Object) Double.parseDouble(score.read())
              : score.read(),
          value);
    }
    JsonNode official = expected.get("official");
    Optional<String> extracted = MathVistaAuthors.extract(row, prediction);
    differences.expect("extracted", extracted, official.get("extracted_without_judge"));
    differences.expect(
        "extracted quickly",
        MathVistaAuthors.extractQuickly(row, prediction),
        official.get("extracted_quick"));
    differences.expect(
        "normalised",
        extracted.flatMap(text -> MathVistaAuthors.normalise(row, text)),
        official.get("normalised"));
    differences.expect(
        "correct by the authors",
        extracted.map(text -> MathVistaAuthors.scoreExtraction(row, text).value() == 1),
        official.get("correct"));
  }
}
