package io.tokenflex.benchmark;

import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.python.PythonNumbers;
import io.tokenflex.score.Reference;
import io.tokenflex.score.Score;
import io.tokenflex.table.CellReading;
import io.tokenflex.table.PictureCells;
import io.tokenflex.table.Table;
import io.tokenflex.table.Table.Row;
import io.tokenflex.table.TsvReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The questions of a benchmark, from its published table.
 *
 * @param rows in the order of the file
 * @param leftOut indices of rows without a picture in a table of pictures, which are not asked
 * @param pictures of the rows
 */
public record BenchmarkTable(
    Benchmark benchmark, List<BenchmarkRow> rows, List<String> leftOut, PictureCells pictures) {
  public BenchmarkTable {
    rows = List.copyOf(rows);
    leftOut = List.copyOf(leftOut);
  }

  private static final String INDEX = "index";
  private static final String IMAGE = "image";
  private static final String ANSWER = "answer";

  /**
   * Reads a table; the caller closes the reader.
   *
   * @param place names the file in messages
   * @throws InvalidInputException if the table is not one of the benchmark: without {@code index}
   *     or pictures, with an index twice, with rotations of a question missing, or with an answer
   *     that its rule can never find right
   */
  public static BenchmarkTable read(
      Benchmark benchmark, Reader in, String place, CellReading reading) throws IOException {
    Table table = TsvReader.read(in, place, reading);
    if (!table.has(INDEX)) {
      throw new InvalidInputException(
          place + " has no column index; its columns are " + table.columns());
    }
    if (!table.has(IMAGE)) {
      throw new InvalidInputException(
          place
              + " has no column image; pictures by path alone are not read, take the table that"
              + " holds them");
    }
    List<Row> asked = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    for (Row row : table.rows()) {
      if (row.cell(IMAGE).isPresent()) {
        asked.add(row);
      } else {
        leftOut.add(index(row, place));
      }
    }
    boolean numbered =
        asked.stream().allMatch(row -> PythonNumbers.parseInt(index(row, place)).isPresent());
    PictureCells pictures = new PictureCells();
    List<BenchmarkRow> rows = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Row row : asked) {
      String index = index(row, place);
      String name = numbered ? PythonNumbers.parseInt(index).orElseThrow().toString() : index;
      if (!seen.add(name)) {
        throw new InvalidInputException(
            place + ": index " + name + " stands in two rows; expected every index once");
      }
      pictures.put(name, row.cell(IMAGE).orElseThrow());
      rows.add(new BenchmarkRow(name, withoutPicture(row), reference(row)));
    }
    BenchmarkTable read = new BenchmarkTable(benchmark, rows, leftOut, pictures);
    read.check(place, reading);
    return read;
  }

  private static String index(Row row, String place) {
    return row.cell(INDEX)
        .orElseThrow(() -> new InvalidInputException(place + ": a row has no index"));
  }

  /** Pictures stay in one place, however many copies of a row are made. */
  private static Row withoutPicture(Row row) {
    Map<String, String> cells = new HashMap<>(row.present());
    cells.remove(IMAGE);
    return new Row(cells);
  }

  private static Reference reference(Row row) {
    Map<String, String> attributes = new HashMap<>(row.present());
    attributes.remove(IMAGE);
    return new Reference(row.cell(ANSWER).orElse(""), Prompts.options(row), attributes);
  }

  /** Whether the table says what is right; the tables of some test splits do not. */
  public boolean hasAnswers() {
    return rows.stream().anyMatch(row -> row.row().cell(ANSWER).isPresent());
  }

  /** The table without the rotated rows of circular evaluation, each question for itself. */
  public BenchmarkTable unrotated() {
    return with(
        rows.stream()
            .filter(row -> row.index().equals(CircularGroups.group(row.index(), row.row())))
            .toList());
  }

  /**
   * The first questions of the table, with all rotations of each.
   *
   * @param numQuestions at most so many
   */
  public BenchmarkTable first(int numQuestions) {
    if (benchmark.family() != Family.CIRCULAR) {
      return with(rows.subList(0, Math.min(numQuestions, rows.size())));
    }
    Set<String> groups =
        rows.stream()
            .map(row -> CircularGroups.group(row.index(), row.row()))
            .distinct()
            .limit(numQuestions)
            .collect(Collectors.toSet());
    return with(
        rows.stream()
            .filter(row -> groups.contains(CircularGroups.group(row.index(), row.row())))
            .toList());
  }

  /** The same rows by the rules of another benchmark. */
  public BenchmarkTable as(Benchmark other) {
    return new BenchmarkTable(other, rows, leftOut, pictures);
  }

  private BenchmarkTable with(List<BenchmarkRow> some) {
    return new BenchmarkTable(benchmark, some, leftOut, pictures);
  }

  /**
   * Which rows belong together: for HallusionBench those of one set, else those with the same first
   * picture, by its digest, so that references and copies fall together.
   */
  public String clusterKey(BenchmarkRow row) {
    if (benchmark.family() == Family.HALLUSION_BENCH) {
      ScoredRow scored = new ScoredRow(row.index(), row.row(), Score.unscored());
      return YesNoReports.hallusionSet(scored);
    }
    return Digests.sha256Hex(pictures.pictures(row.index()).get(0));
  }

  private void check(String place, CellReading reading) {
    if (rows.isEmpty()) {
      throw new InvalidInputException(place + " has no row with a picture");
    }
    if (benchmark.family() == Family.CIRCULAR) {
      CircularGroups.expectComplete(rows);
    }
    if (hasAnswers()) {
      rows.forEach(row -> problem(row, reading).ifPresent(text -> fail(place, row, text)));
    }
  }

  private static void fail(String place, BenchmarkRow row, String text) {
    throw new InvalidInputException(place + ", row " + row.index() + ": " + text);
  }

  /**
   * Why no answer of a model could be right. Where cells are read as pandas does, an option may
   * have become missing, and such a row is asked as VLMEvalKit asks it.
   */
  private Optional<String> problem(BenchmarkRow row, CellReading reading) {
    String answer = row.reference().answer();
    if (row.row().cell(ANSWER).isEmpty()) {
      return Optional.of(
          "the cell in column answer is missing, but other rows have one; mend the table or leave"
              + " the row out");
    }
    return switch (benchmark.kind()) {
      case CHOICE -> {
        Set<String> letters = row.reference().choices().keySet();
        boolean open = benchmark.family() == Family.MMMU && letters.isEmpty();
        boolean lost = reading == CellReading.PANDAS && answer.matches("[A-Z]");
        yield open || lost || letters.contains(answer)
            ? Optional.empty()
            : Optional.of("the answer is '" + answer + "'; expected one of the letters " + letters);
      }
      case YES_NO ->
          answer.equals("Yes") || answer.equals("No")
              ? Optional.empty()
              : Optional.of("the answer is '" + answer + "'; expected Yes or No");
      default -> Optional.empty();
    };
  }
}
