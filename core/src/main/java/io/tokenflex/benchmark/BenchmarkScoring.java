package io.tokenflex.benchmark;

import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.judge.ChoiceJudge;
import io.tokenflex.judge.Judge;
import io.tokenflex.judge.JudgePrompts;
import io.tokenflex.judge.Judged;
import io.tokenflex.judge.JudgedScorer;
import io.tokenflex.judge.MathVistaJudge;
import io.tokenflex.judge.MmVetJudge;
import io.tokenflex.judge.YesNoJudge;
import io.tokenflex.score.AnlsScorer;
import io.tokenflex.score.ChoiceScorer;
import io.tokenflex.score.ExactMatchScorer;
import io.tokenflex.score.MathVistaScorer;
import io.tokenflex.score.MmmuAuthorsScorer;
import io.tokenflex.score.MmmuChoiceScorer;
import io.tokenflex.score.OcrBenchScorer;
import io.tokenflex.score.RelaxedAccuracyScorer;
import io.tokenflex.score.Score;
import io.tokenflex.score.Scorer;
import io.tokenflex.score.VqaAccuracyScorer;
import io.tokenflex.score.VqaNormalisation;
import io.tokenflex.score.YesNoScorer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Scores all answers of a benchmark and makes its report. */
public final class BenchmarkScoring {
  private final ScoringRules rules;
  private final Optional<Judge> judge;
  private final JudgePrompts prompts;
  private final int rowsAtOnce;

  /** Without a judge: what rules cannot decide is unparsed or unscored. */
  public BenchmarkScoring(ScoringRules rules) {
    this.rules = rules;
    this.judge = Optional.empty();
    this.prompts = JudgePrompts.builtIn();
    this.rowsAtOnce = 1;
  }

  /**
   * With a judge for what rules cannot decide.
   *
   * @param rowsAtOnce rows that the judge is asked about at the same time; results do not depend on
   *     it as long as its replies do not
   */
  public BenchmarkScoring(ScoringRules rules, Judge judge, JudgePrompts prompts, int rowsAtOnce) {
    Expect.atLeastOne("judge.rowsAtOnce", rowsAtOnce);
    this.rules = rules;
    this.judge = Optional.of(judge);
    this.prompts = prompts;
    this.rowsAtOnce = rowsAtOnce;
  }

  /**
   * Scores.
   *
   * @param predictions the model's texts by index of the row
   * @throws InvalidInputException if a row has no prediction, or the table no answers
   */
  public BenchmarkResult score(BenchmarkTable table, Map<String, String> predictions) {
    if (!table.hasAnswers()) {
      throw new InvalidInputException(
          table.benchmark().name()
              + ": the table has no answers, so its predictions can be sent in but not scored"
              + " here");
    }
    Map<String, Integer> judged = new HashMap<>();
    List<ScoredRow> rows =
        table.benchmark().family() == Family.CAPTION
            ? CaptionReport.rows(table, predictions, rules.captions())
            : rows(table, predictions, judged);
    List<ScoredRow> counted =
        table.benchmark().family() == Family.CIRCULAR ? CircularGroups.questions(rows) : rows;
    return new BenchmarkResult(
        table.benchmark(),
        rule(table.benchmark().family()),
        rows,
        counted,
        judged,
        Headlines.of(table.benchmark().family(), counted),
        tables(table, predictions, counted, judged));
  }

  private List<ScoredRow> rows(
      BenchmarkTable table, Map<String, String> predictions, Map<String, Integer> judged) {
    Family family = table.benchmark().family();
    Optional<JudgedScorer> asking = judge.flatMap(unused -> judgedScorer(family));
    if (asking.isPresent()) {
      return judgedRows(table, predictions, asking.get(), judged);
    }
    Scorer scorer = scorer(family);
    List<ScoredRow> rows = new ArrayList<>();
    for (BenchmarkRow row : table.rows()) {
      Score score = scorer.score(row.reference(), prediction(table, predictions, row));
      rows.add(new ScoredRow(row.index(), row.row(), score));
    }
    return rows;
  }

  private List<ScoredRow> judgedRows(
      BenchmarkTable table,
      Map<String, String> predictions,
      JudgedScorer scorer,
      Map<String, Integer> judged) {
    List<Judged> results =
        InOrder.map(
            table.rows(),
            rowsAtOnce,
            row ->
                scorer.score(
                    row.reference(),
                    row.row().cell("question").orElse(""),
                    prediction(table, predictions, row),
                    judge.orElseThrow()));
    List<ScoredRow> rows = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      BenchmarkRow row = table.rows().get(i);
      judged.put(row.index(), results.get(i).calls());
      rows.add(new ScoredRow(row.index(), row.row(), results.get(i).score()));
    }
    return rows;
  }

  static String prediction(
      BenchmarkTable table, Map<String, String> predictions, BenchmarkRow row) {
    String prediction = predictions.get(row.index());
    if (prediction == null) {
      throw new InvalidInputException(
          table.benchmark().name()
              + ": no prediction for row "
              + row.index()
              + "; all "
              + table.rows().size()
              + " rows have to be answered before scoring");
    }
    return prediction;
  }

  /** The rule of a family without a judge. */
  private Scorer scorer(Family family) {
    return switch (family) {
      case CHOICE, CIRCULAR -> new ChoiceScorer(rules.choice());
      case MMMU ->
          rules.mmmu() == ScoringRules.Mmmu.AUTHORS
              ? new MmmuAuthorsScorer()
              : new MmmuChoiceScorer(rules.choice());
      case YES_NO, HALLUSION_BENCH, POPE, MME -> new YesNoScorer();
      case VQA -> new VqaAccuracyScorer(VqaNormalisation.VLMEVALKIT);
      case ANLS -> new AnlsScorer();
      case CHART_QA -> new RelaxedAccuracyScorer(RelaxedAccuracyScorer.Variant.VLMEVALKIT);
      case EXACT -> new ExactMatchScorer();
      case OCR_BENCH -> new OcrBenchScorer(OcrBenchScorer.Variant.VLMEVALKIT);
      case MATH_VISTA -> new MathVistaScorer(rules.mathVista(), rules.choice());
      case MM_VET -> (reference, prediction) -> Score.unscored();
      case CAPTION ->
          throw new IllegalStateException("captions are scored together, not row by row");
    };
  }

  private Optional<JudgedScorer> judgedScorer(Family family) {
    return switch (family) {
      case CHOICE, CIRCULAR -> Optional.of(new ChoiceJudge(rules.choice(), prompts));
      case YES_NO, HALLUSION_BENCH, POPE, MME -> Optional.of(new YesNoJudge(prompts));
      case MATH_VISTA ->
          Optional.of(
              new MathVistaJudge(new MathVistaScorer(rules.mathVista(), rules.choice()), prompts));
      case MM_VET -> Optional.of(new MmVetJudge(prompts));
      default -> Optional.empty();
    };
  }

  private String rule(Family family) {
    String by =
        switch (family) {
          case CHOICE -> "choice " + rules.choice();
          case CIRCULAR -> "choice " + rules.choice() + ", all rotations";
          case MMMU ->
              rules.mmmu() == ScoringRules.Mmmu.AUTHORS
                  ? "MMMU authors"
                  : "choice " + rules.choice() + ", open questions as VLMEvalKit";
          case YES_NO, HALLUSION_BENCH, POPE, MME -> "yes/no as VLMEvalKit e8e78f05";
          case VQA -> "VQA accuracy as VLMEvalKit e8e78f05";
          case ANLS -> "ANLS, threshold 0.5";
          case CHART_QA -> "relaxed accuracy as VLMEvalKit e8e78f05";
          case EXACT -> "exact match but for case";
          case OCR_BENCH -> "containment as VLMEvalKit e8e78f05";
          case MATH_VISTA ->
              rules.mathVista() == MathVistaScorer.Variant.VLMEVALKIT
                  ? "MathVista as VLMEvalKit e8e78f05, choice " + rules.choice()
                  : "MathVista by the answer's type, choice " + rules.choice();
          case MM_VET -> "judge alone";
          case CAPTION ->
              rules.captions() == ScoringRules.Captions.TOKENIZED
                  ? "CIDEr, tokenized"
                  : "CIDEr, texts as they are, as VLMEvalKit";
        };
    return by + judge.map(found -> ", judge " + found.name()).orElse(", no judge");
  }

  private List<ReportTable> tables(
      BenchmarkTable table,
      Map<String, String> predictions,
      List<ScoredRow> counted,
      Map<String, Integer> judged) {
    return switch (table.benchmark().family()) {
      case CHOICE, CIRCULAR, MMMU -> List.of(ChoiceReport.of(counted));
      case YES_NO -> List.of(YesNoReports.plain(counted));
      case HALLUSION_BENCH -> List.of(YesNoReports.hallusionBench(counted));
      case POPE -> List.of(YesNoReports.pope(counted));
      case MME -> List.of(YesNoReports.mme(counted));
      case VQA, ANLS, CHART_QA, EXACT -> List.of(VqaReport.of(counted));
      case OCR_BENCH -> List.of(OcrBenchReport.of(counted));
      case MATH_VISTA ->
          List.of(
              MathVistaReport.of(
                  counted,
                  counted.stream()
                      .map(ScoredRow::index)
                      .filter(index -> judged.getOrDefault(index, 0) == 0)
                      .collect(Collectors.toSet())));
      case MM_VET -> List.of(MmVetReport.capabilities(counted), MmVetReport.combinations(counted));
      case CAPTION -> List.of(CaptionReport.of(table, predictions, rules.captions()));
    };
  }
}
