package io.tokenflex.benchmark;

import io.tokenflex.benchmark.BenchmarkResult.Headline;
import io.tokenflex.statistics.ClusterBootstrap;
import io.tokenflex.statistics.Clusters;
import io.tokenflex.statistics.Interval;
import io.tokenflex.statistics.MeanInterval;
import io.tokenflex.table.Table.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The one number of a benchmark, and its interval. */
public final class Headlines {
  private static final double LEVEL = 0.95;
  private static final String OVERALL = "Overall";

  /** Leader boards show this split of MMMU, whose table holds another. */
  private static final String VALIDATION = "validation";

  /** Columns by which HallusionBench and MME group the rows of a figure or picture. */
  private static final List<String> GROUPING = List.of("l2-category", "image_path");

  private Headlines() {}

  static Headline of(Family family, List<ScoredRow> counted) {
    return new Headline(name(family), value(family, counted));
  }

  /** Whether the headline is a mean over rows; else an interval of it costs far more time. */
  public static boolean isMeanOfRows(Family family) {
    return switch (family) {
      case HALLUSION_BENCH, POPE, MME -> false;
      default -> true;
    };
  }

  private static String name(Family family) {
    return switch (family) {
      case CHOICE, CIRCULAR, MMMU, YES_NO, MATH_VISTA, EXACT -> "accuracy";
      case HALLUSION_BENCH -> "mean of aAcc, fAcc, qAcc";
      case POPE -> "F1";
      case MME -> "perception + reasoning";
      case VQA -> "VQA accuracy";
      case ANLS -> "ANLS";
      case CHART_QA -> "relaxed accuracy";
      case OCR_BENCH -> "Final Score / 10";
      case MM_VET -> "mean score";
      case CAPTION -> "CIDEr";
    };
  }

  private static double value(Family family, List<ScoredRow> counted) {
    return switch (family) {
      case MMMU -> Means.percent(leaderBoardRows(family, counted));
      case HALLUSION_BENCH -> number(YesNoReports.hallusionBench(counted), OVERALL, "mean");
      case POPE -> number(YesNoReports.pope(counted), OVERALL, "f1");
      case MME -> {
        ReportTable table = YesNoReports.mme(counted);
        yield number(table, "", "perception") + number(table, "", "reasoning");
      }
      case OCR_BENCH -> number(OcrBenchReport.of(counted), "", "Final Score Norm");
      case CAPTION -> CaptionReport.cider(counted);
      default -> Means.percent(counted);
    };
  }

  private static double number(ReportTable table, String line, String name) {
    return table.number(line, name).orElse(Double.NaN);
  }

  private static List<ScoredRow> leaderBoardRows(Family family, List<ScoredRow> rows) {
    if (family != Family.MMMU) {
      return rows;
    }
    List<ScoredRow> validation = Means.where(rows, "split", VALIDATION);
    return validation.isEmpty() ? rows : validation;
  }

  /**
   * The 95 % interval of a headline, rows of one cluster together: of means as {@link MeanInterval}
   * says, of other numbers by a bootstrap of clusters. Rows that are unscored are in neither. Empty
   * if there are too few rows to tell.
   *
   * @param clusterKeys of each of {@link BenchmarkResult#counted}, in order
   */
  public static Optional<Interval> interval(
      BenchmarkResult result, List<String> clusterKeys, ClusterBootstrap bootstrap) {
    Family family = result.benchmark().family();
    List<ScoredRow> rows = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    Set<String> shown =
        leaderBoardRows(family, result.counted()).stream()
            .map(ScoredRow::index)
            .collect(Collectors.toSet());
    for (int i = 0; i < result.counted().size(); i++) {
      ScoredRow row = result.counted().get(i);
      if (row.score().isScored() && shown.contains(row.index())) {
        rows.add(row);
        keys.add(clusterKeys.get(i));
      }
    }
    Clusters clusters = Clusters.of(keys);
    if (clusters.size() < 2) {
      return Optional.empty();
    }
    return Optional.of(
        switch (family) {
          case HALLUSION_BENCH, POPE, MME ->
              bootstrap.interval(
                  List.of(clusters), drawn -> value(family, select(rows, drawn.get(0))), LEVEL);
          case OCR_BENCH -> scaled(rows, clusters, bootstrap, rows.size() / 10.0);
          case CAPTION -> scaled(rows, clusters, bootstrap, CaptionReport.SCALE);
          default -> scaled(rows, clusters, bootstrap, 100);
        });
  }

  private static Interval scaled(
      List<ScoredRow> rows, Clusters clusters, ClusterBootstrap bootstrap, double factor) {
    double[] scores = rows.stream().mapToDouble(row -> row.score().value()).toArray();
    Interval interval = MeanInterval.of(scores, clusters, bootstrap);
    return new Interval(factor * interval.low(), factor * interval.high());
  }

  /** Copies of a row are rows of other figures and pictures, so that each counts. */
  private static List<ScoredRow> select(List<ScoredRow> rows, int[] drawn) {
    int[] numCopies = new int[rows.size()];
    List<ScoredRow> selected = new ArrayList<>(drawn.length);
    for (int row : drawn) {
      int copy = numCopies[row]++;
      selected.add(copy == 0 ? rows.get(row) : copy(rows.get(row), copy));
    }
    return selected;
  }

  private static ScoredRow copy(ScoredRow row, int number) {
    Map<String, String> cells = new HashMap<>(row.row().present());
    for (String column : GROUPING) {
      cells.computeIfPresent(column, (name, cell) -> cell + "~" + number);
    }
    return new ScoredRow(row.index(), new Row(cells), row.score());
  }
}
