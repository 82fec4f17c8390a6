package io.tokenflex.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.score.caption.Bleu;
import io.tokenflex.score.caption.CaptionSet;
import io.tokenflex.score.caption.Cider;
import io.tokenflex.score.caption.PtbTokenizer;
import io.tokenflex.score.caption.RougeL;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Captions. */
final class CaptionChecks {
  static final Map<String, CaseCheck> ALL =
      Map.of("captions", CaptionChecks::captions, "caption-tokens", CaptionChecks::tokens);

  private CaptionChecks() {}

  private static void tokens(JsonNode input, JsonNode whole, Differences differences) {
    differences.expect(
        "tokens", PtbTokenizer.tokenize(input.get("text").asText()), whole.get("expected"));
  }

  private static void captions(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(
        expected,
        "without_tokenizer",
        "with_tokenizer",
        "tokenized_references",
        "tokenized_captions");
    List<List<String>> references = new ArrayList<>();
    input.get("references").forEach(texts -> references.add(EvaluationFiles.texts(texts)));
    CaptionSet raw = new CaptionSet(EvaluationFiles.texts(input.get("captions")), references);
    CaptionSet tokenized = raw.map(PtbTokenizer::tokenize);
    differences.expect("references", tokenized.references(), expected.get("tokenized_references"));
    differences.expect("captions", tokenized.captions(), expected.get("tokenized_captions"));
    differences.expect("raw", scores(raw), expected.get("without_tokenizer"));
    differences.expect("tokenized", scores(tokenized), expected.get("with_tokenizer"));
  }

  private static Map<String, Object> scores(CaptionSet set) {
    Map<String, Object> scores = new LinkedHashMap<>();
    scores.put("cider", mean(Cider.scores(set)));
    scores.put("cider_per_caption", Cider.scores(set));
    scores.put("bleu", Bleu.scores(set));
    scores.put("rouge_l", mean(RougeL.scores(set)));
    scores.put("rouge_l_per_caption", RougeL.scores(set));
    return scores;
  }

  private static double mean(List<Double> scores) {
    return scores.stream().mapToDouble(score -> score).average().orElseThrow();
  }
}
