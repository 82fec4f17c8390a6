package io.tokenflex.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.judge.ChoiceJudge;
import io.tokenflex.judge.JudgePrompts;
import io.tokenflex.judge.Judged;
import io.tokenflex.judge.MathVistaJudge;
import io.tokenflex.judge.MmVetJudge;
import io.tokenflex.judge.YesNoJudge;
import io.tokenflex.score.ChoiceRule;
import io.tokenflex.score.MathVistaScorer;
import io.tokenflex.score.Outcome;
import io.tokenflex.score.Reference;
import java.util.Map;

/** Judges that reply what the cases say. */
final class JudgeChecks {
  static final Map<String, CaseCheck> ALL =
      Map.of(
          "mcq-judge", JudgeChecks::choice,
          "yes-no-judge", JudgeChecks::yesNo,
          "mathvista-judge", JudgeChecks::mathVista,
          "mmvet-judge", JudgeChecks::mmVet);

  private static final String FAILED = "Failed to obtain answer via API";

  private JudgeChecks() {}

  private static void choice(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(expected, "letter", "judge_calls");
    Reference reference =
        Reference.of("A", EvaluationFiles.options(EvaluationFiles.cells(input.get("choices"))));
    Judged judged =
        new ChoiceJudge(ChoiceRule.JUNE_2026, JudgePrompts.builtIn())
            .score(
                reference,
                "Which?",
                input.get("prediction").asText(),
                new ScriptedJudge(input.get("judge_replies"), FAILED));
    differences.expect(
        "letter",
        judged.score().outcome() == Outcome.UNSCORED ? "random" : judged.score().read(),
        expected.get("letter"));
    differences.expect("calls", judged.calls(), expected.get("judge_calls"));
  }

  private static void yesNo(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(expected, "extracted", "judge_calls", "temperatures");
    ScriptedJudge judge = new ScriptedJudge(input.get("judge_replies"), FAILED);
    Judged judged =
        new YesNoJudge(JudgePrompts.builtIn())
            .score(Reference.of("Yes"), "Is it?", "It may be.", judge);
    differences.expect(
        "extracted",
        judged.score().outcome() == Outcome.UNSCORED ? "Unknown" : judged.score().read(),
        expected.get("extracted"));
    differences.expect("calls", judged.calls(), expected.get("judge_calls"));
    differences.expect("temperatures", judge.temperatures(), expected.get("temperatures"));
  }

  private static void mathVista(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(expected, "extracted", "judge_calls", "correct");
    MathVistaScorer scorer =
        new MathVistaScorer(MathVistaScorer.Variant.VLMEVALKIT, ChoiceRule.JUNE_2026);
    Judged judged =
        new MathVistaJudge(scorer, JudgePrompts.builtIn())
            .score(
                VqaChecks.row(input),
                "How many?",
                input.get("prediction").asText(),
                new ScriptedJudge(input.get("judge_replies"), FAILED + "."));
    JsonNode extracted = expected.get("extracted");
    String read = judged.score().read();
    differences.expect(
        "extracted", extracted.isNumber() ? (Object) Double.parseDouble(read) : read, extracted);
    differences.expect("calls", judged.calls(), expected.get("judge_calls"));
    differences.expect("correct", judged.score().value() == 1, expected.get("correct"));
  }

  private static void mmVet(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(expected, "score", "judge_calls", "gave_up");
    Judged judged =
        new MmVetJudge(JudgePrompts.builtIn())
            .score(
                Reference.of("x"),
                "What?",
                "y",
                new ScriptedJudge(input.get("judge_replies"), FAILED));
    boolean gaveUp =
        judged.score().outcome() == Outcome.UNSCORED && judged.score().read().isEmpty();
    differences.expect("gave up", gaveUp, expected.get("gave_up"));
    // Giving up is a 0 in VLMEvalKit and unscored here.
    differences.expect("score", gaveUp ? 0 : judged.score().value(), expected.get("score"));
    differences.expect("calls", judged.calls(), expected.get("judge_calls"));
  }
}
