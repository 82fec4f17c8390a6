package io.tokenflex.benchmark;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.score.Score;
import io.tokenflex.table.Table.Row;
import java.util.Optional;

/**
 * A row of a benchmark and what its answer is worth.
 *
 * @param index tells rows apart
 */
public record ScoredRow(String index, Row row, Score score) {

  /** A cell that a report groups rows by, if it is not missing. */
  public Optional<String> cell(String column) {
    return row.cell(column);
  }

  /**
   * A cell that a report cannot do without.
   *
   * @throws InvalidInputException if it is missing
   */
  public String required(String column) {
    return row.cell(column)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "Row " + index + " has no cell in column " + column + "; its report needs it"));
  }

  boolean isRight() {
    return score.value() == 1;
  }
}
