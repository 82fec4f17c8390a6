package io.tokenflex.benchmark;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.score.Outcome;
import io.tokenflex.score.Reference;
import io.tokenflex.score.Score;
import io.tokenflex.table.Table.Row;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Circular evaluation: a question is asked once for each rotation of its options and is right if
 * every rotation is. Rows of one question share the index modulo 1,000,000, or {@code g_index}.
 */
public final class CircularGroups {
  private static final BigInteger ROTATION = BigInteger.valueOf(1_000_000);

  private CircularGroups() {}

  /**
   * One scored row for each question whose unrotated row is there, with that row's cells: right if
   * every rotation that is there is right, wrong if one is wrong, else unparsed or unscored.
   */
  public static List<ScoredRow> questions(List<ScoredRow> rows) {
    Map<String, List<ScoredRow>> groups = new LinkedHashMap<>();
    for (ScoredRow row : rows) {
      groups.computeIfAbsent(group(row.index(), row.row()), key -> new ArrayList<>()).add(row);
    }
    List<ScoredRow> questions = new ArrayList<>();
    for (ScoredRow row : rows) {
      if (row.index().equals(group(row.index(), row.row()))) {
        questions.add(new ScoredRow(row.index(), row.row(), together(groups.get(row.index()))));
      }
    }
    return questions;
  }

  private static Score together(List<ScoredRow> rotations) {
    List<Outcome> outcomes = rotations.stream().map(row -> row.score().outcome()).toList();
    if (outcomes.contains(Outcome.WRONG)) {
      return Score.of(false, "");
    }
    if (outcomes.contains(Outcome.UNPARSED)) {
      return Score.unparsed();
    }
    return outcomes.contains(Outcome.UNSCORED) ? Score.unscored() : Score.of(true, "");
  }

  /** The index of the unrotated row. */
  static String group(String index, Row row) {
    return row.cell("g_index").orElseGet(() -> number(index).mod(ROTATION).toString());
  }

  private static BigInteger number(String index) {
    try {
      return new BigInteger(index);
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
          "Row "
              + index
              + ": the index is no number; circular evaluation needs numbers or a column g_index",
          e);
    }
  }

  /**
   * Refuses questions that are not asked in every rotation, which the original passes over.
   *
   * @throws InvalidInputException that names the index of the question
   */
  static void expectComplete(List<BenchmarkRow> rows) {
    Map<String, Integer> numRotations = new LinkedHashMap<>();
    Map<String, Reference> unrotated = new LinkedHashMap<>();
    for (BenchmarkRow row : rows) {
      String group = group(row.index(), row.row());
      numRotations.merge(group, 1, Integer::sum);
      if (group.equals(row.index())) {
        unrotated.put(group, row.reference());
      }
    }
    numRotations.forEach(
        (group, count) -> {
          Reference reference = unrotated.get(group);
          if (reference == null) {
            throw new InvalidInputException(
                "Question " + group + " has " + count + " rotated rows but no row " + group);
          }
          if (count != reference.choices().size()) {
            throw new InvalidInputException(
                "Question "
                    + group
                    + " stands in "
                    + count
                    + " rows; expected one for each of its "
                    + reference.choices().size()
                    + " options. The table is cut off or not one of circular evaluation");
          }
        });
  }
}
