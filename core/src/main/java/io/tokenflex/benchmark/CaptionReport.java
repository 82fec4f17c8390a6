package io.tokenflex.benchmark;

import io.tokenflex.score.Score;
import io.tokenflex.score.caption.Bleu;
import io.tokenflex.score.caption.CaptionSet;
import io.tokenflex.score.caption.Cider;
import io.tokenflex.score.caption.PtbTokenizer;
import io.tokenflex.score.caption.RougeL;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Captions: BLEU-1 to BLEU-4, ROUGE-L and CIDEr, times 100. */
public final class CaptionReport {
  /** The largest CIDEr of a caption. */
  private static final double MAX_CIDER = 10;

  /** From the mean score of rows to CIDEr times 100. */
  static final double SCALE = 100 * MAX_CIDER;

  private CaptionReport() {}

  /** Each caption's CIDEr by its largest value; it depends on the references of all pictures. */
  static List<ScoredRow> rows(
      BenchmarkTable table, Map<String, String> predictions, ScoringRules.Captions captions) {
    List<Double> cider = Cider.scores(set(table, predictions, captions));
    List<ScoredRow> rows = new ArrayList<>();
    for (int i = 0; i < table.rows().size(); i++) {
      BenchmarkRow row = table.rows().get(i);
      rows.add(
          new ScoredRow(
              row.index(),
              row.row(),
              Score.of(
                  cider.get(i) / MAX_CIDER, BenchmarkScoring.prediction(table, predictions, row))));
    }
    return rows;
  }

  /** The mean CIDEr of rows, times 100. */
  static double cider(List<ScoredRow> rows) {
    return SCALE * Means.ofScores(rows);
  }

  static ReportTable of(
      BenchmarkTable table, Map<String, String> predictions, ScoringRules.Captions captions) {
    CaptionSet set = set(table, predictions, captions);
    Map<String, Double> numbers = new LinkedHashMap<>();
    List<Double> bleu = Bleu.scores(set);
    for (int n = 0; n < bleu.size(); n++) {
      numbers.put("Bleu_" + (n + 1), 100 * bleu.get(n));
    }
    numbers.put("ROUGE_L", 100 * mean(RougeL.scores(set)));
    numbers.put("CIDEr", 100 * mean(Cider.scores(set)));
    return ReportTable.of("captions", numbers);
  }

  private static CaptionSet set(
      BenchmarkTable table, Map<String, String> predictions, ScoringRules.Captions captions) {
    List<String> texts = new ArrayList<>();
    List<List<String>> references = new ArrayList<>();
    for (BenchmarkRow row : table.rows()) {
      texts.add(BenchmarkScoring.prediction(table, predictions, row));
      references.add(row.reference().answers());
    }
    CaptionSet set = new CaptionSet(texts, references);
    return captions == ScoringRules.Captions.TOKENIZED ? set.map(PtbTokenizer::tokenize) : set;
  }

  private static double mean(List<Double> scores) {
    return scores.stream().mapToDouble(score -> score).average().orElse(Double.NaN);
  }
}
