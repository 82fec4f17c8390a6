package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.EvaluationSummary.CountResult;
import io.tokenflex.jobs.evaluate.EvaluationSummary.KindResult;
import io.tokenflex.jobs.pages.html.HumanText;
import io.tokenflex.jobs.pages.report.ReportData.FixedModel;
import io.tokenflex.jobs.pages.report.ReportView.AccuracyTable;
import io.tokenflex.jobs.pages.report.ReportView.Cell;
import io.tokenflex.jobs.pages.report.ReportView.Column;
import io.tokenflex.jobs.pages.report.ReportView.Group;
import io.tokenflex.jobs.pages.report.ReportView.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The accuracies of a model, and beside them those of another one, as a table. */
final class AccuracyTables {
  static final String NEVER_TRAINED = "never trained";

  private final EvaluationSummary summary;
  private final List<Model> models = new ArrayList<>();

  private record Model(String name, EvaluationSummary evaluation, Set<Integer> neverTrained) {}

  AccuracyTables(EvaluationSummary summary, Optional<FixedModel> fixed, Set<Integer> neverTrained) {
    this.summary = summary;
    models.add(new Model(fixed.isPresent() ? "flexible" : "", summary, neverTrained));
    fixed.ifPresent(
        other ->
            models.add(
                new Model(
                    Headline.nameOf(other),
                    other.evaluation(),
                    EvaluationPart.neverTrained(other.evaluation(), other.trained()))));
  }

  AccuracyTable view() {
    List<Group> groups = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    List<Cell> total = new ArrayList<>();
    for (Model model : models) {
      List<CountResult> counts = model.evaluation().counts();
      groups.add(new Group(model.name(), counts.size()));
      for (CountResult count : counts) {
        boolean isFirst = count.equals(counts.get(0));
        boolean isNever = model.neverTrained().contains(count.numVisionTokens());
        columns.add(
            new Column(
                String.format(Locale.ROOT, "%d tokens", count.numVisionTokens()),
                isNever ? NEVER_TRAINED : "",
                isFirst));
        total.add(new Cell(HumanText.percent(count.accuracy()), true, "", isFirst));
      }
    }
    return new AccuracyTable(
        groups, columns, summary.kinds().stream().map(this::row).toList(), total);
  }

  private Row row(KindResult kind) {
    boolean isDetail = !kind.detail().isEmpty();
    List<Cell> cells = new ArrayList<>();
    for (Model model : models) {
      Optional<KindResult> same =
          model.evaluation().kinds().stream()
              .filter(k -> k.kind().equals(kind.kind()) && k.detail().equals(kind.detail()))
              .findFirst();
      for (int i = 0; i < model.evaluation().counts().size(); i++) {
        cells.add(
            same.isPresent()
                ? heat(same.get().accuracy().get(i), same.get().chance(), i == 0)
                : new Cell("", true, "", i == 0));
      }
    }
    return new Row(
        isDetail ? kind.detail() : Headline.inWords(kind.kind()),
        isDetail,
        HumanText.grouped(kind.numQuestions()),
        HumanText.percent(kind.chance()),
        kind.mostCommonAnswer(),
        cells);
  }

  // No colour at chance, green at 100 %, red below chance.
  private static Cell heat(double accuracy, double chance, boolean isFirst) {
    double above = chance < 1 ? (accuracy - chance) / (1 - chance) : 1;
    return new Cell(
        HumanText.percent(accuracy),
        above >= 0,
        String.format(Locale.ROOT, "%.2f", Math.min(1, Math.abs(above))),
        isFirst);
  }
}
