package io.tokenflex.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Multiple choice by split ({@code report_acc} of VLMEvalKit): the share of right questions
 * overall, then for each {@code l2-category} and each {@code category}, over questions, not over
 * categories.
 */
public final class ChoiceReport {
  /** The only split of a table without that column. */
  public static final String NO_SPLIT = "none";

  /** MMBench's abilities as its leader board abbreviates them. */
  private static final Map<String, String> ABBREVIATIONS =
      Map.of(
          "coarse_perception", "CP",
          "finegrained_perception (instance-level)", "FP-S",
          "finegrained_perception (cross-instance)", "FP-C",
          "logic_reasoning", "LR",
          "relation_reasoning", "RR",
          "attribute_reasoning", "AR");

  private ChoiceReport() {}

  /** A line for each split, in order of their names; of groups with equal names the later. */
  public static ReportTable of(List<ScoredRow> rows) {
    List<String> splits = new ArrayList<>(Means.values(rows, "split"));
    if (splits.isEmpty()) {
      splits.add(NO_SPLIT);
    }
    List<ReportTable.Line> lines = new ArrayList<>();
    for (String split : splits) {
      List<ScoredRow> ofSplit =
          split.equals(NO_SPLIT) && Means.values(rows, "split").isEmpty()
              ? rows
              : Means.where(rows, "split", split);
      Map<String, Double> numbers = new LinkedHashMap<>();
      numbers.put("Overall", Means.ofScores(ofSplit));
      for (String column : List.of("l2-category", "category")) {
        for (String group : Means.values(rows, column)) {
          numbers.put(
              ABBREVIATIONS.getOrDefault(group, group),
              Means.ofScores(Means.where(ofSplit, column, group)));
        }
      }
      lines.add(new ReportTable.Line(split, numbers));
    }
    return new ReportTable("split", lines);
  }
}
