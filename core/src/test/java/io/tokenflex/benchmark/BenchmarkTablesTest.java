package io.tokenflex.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.RgbImage;
import io.tokenflex.judge.Judge;
import io.tokenflex.judge.JudgeException;
import io.tokenflex.judge.JudgePrompts;
import io.tokenflex.score.ChoiceRule;
import io.tokenflex.score.Outcome;
import io.tokenflex.score.Score;
import io.tokenflex.table.CellReading;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Small tables in the real formats and what VLMEvalKit made of them: every {@code NAME.tsv} with
 * its {@code NAME.expected.json} in the folder that the system property {@code
 * tokenflex.evaluation.tables} names, by default the test resources. Prompts, picture sizes, the
 * score of each row and the report; then with cells read exactly, for what that changes.
 */
class BenchmarkTablesTest {

  @TestFactory
  Stream<DynamicTest> everyTableGivesThePromptsScoresAndReportOfVlmEvalKit() throws IOException {
    Path folder = EvaluationFiles.folder("tokenflex.evaluation.tables", "/evaluation/tables");
    List<Path> files = EvaluationFiles.in(folder, ".tsv");
    assertThat(files).as("tables in %s", folder).isNotEmpty();
    return files.stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  private static void check(Path file) throws IOException {
    Path expectedFile =
        file.resolveSibling(file.getFileName().toString().replace(".tsv", ".expected.json"));
    assertThat(expectedFile).as("what is expected of %s", file).exists();
    JsonNode expected = EvaluationFiles.read(expectedFile);
    Differences differences = new Differences();
    differences.of("pandas");
    differences.expectKeys(
        expected,
        "about",
        "source",
        "dataset",
        "rows",
        "rows_left_out",
        "report",
        "with_exact_cells");
    check(file, expected, expected, CellReading.PANDAS, differences);
    differences.of("exact");
    check(file, expected, expected.get("with_exact_cells"), CellReading.EXACT, differences);
    assertThat(differences.all()).as(file.toString()).isEmpty();
  }

  /**
   * Compares one reading.
   *
   * @param all holds the predictions of all rows
   * @param shown holds what is compared: all rows, or those that exact cells change
   */
  private static void check(
      Path file, JsonNode all, JsonNode shown, CellReading reading, Differences differences)
      throws IOException {
    Benchmark benchmark = Benchmark.named(all.get("dataset").asText());
    BenchmarkTable table;
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      table = BenchmarkTable.read(benchmark, in, file.toString(), reading);
    }
    Map<String, JsonNode> rows = new LinkedHashMap<>();
    all.get("rows").forEach(row -> rows.put(row.get("index").asText(), row));
    assertThat(table.rows())
        .extracting(BenchmarkRow::index)
        .containsExactlyElementsOf(rows.keySet());
    if (shown.has("rows_left_out")) {
      differences.expect("left out", table.leftOut(), shown.get("rows_left_out"));
    }
    BenchmarkResult result = score(table, rows);
    Map<String, ScoredRow> scored = new HashMap<>();
    result.rows().forEach(row -> scored.put(row.index(), row));
    Map<String, BenchmarkRow> asked = new HashMap<>();
    table.rows().forEach(row -> asked.put(row.index(), row));
    for (JsonNode row : shown.get("rows")) {
      String index = row.get("index").asText();
      differences.of(reading + " " + index);
      checkPrompts(table, asked.get(index), row, differences);
      checkScore(benchmark, result, scored.get(index), row, differences);
    }
    differences.of(reading + " report");
    if (shown.has("report")) {
      differences.expect("report", report(benchmark, tables(result)), shown.get("report"));
    }
  }

  private static BenchmarkResult score(BenchmarkTable table, Map<String, JsonNode> rows) {
    Map<String, String> predictions = new HashMap<>();
    rows.forEach((index, row) -> predictions.put(index, row.get("prediction").asText()));
    ScoringRules rules = ScoringRules.vlmEvalKit(ChoiceRule.JUNE_2026);
    boolean judged = rows.values().stream().anyMatch(row -> row.has("judge_replies"));
    return judged
        ? new BenchmarkScoring(rules, new JudgeOfTable(table, rows), JudgePrompts.builtIn(), 1)
            .score(table, predictions)
        : new BenchmarkScoring(rules).score(table, predictions);
  }

  /** Replies what the table's rows say, told apart by question and prediction. */
  private static final class JudgeOfTable implements Judge {
    private final Map<String, ScriptedJudge> judges = new LinkedHashMap<>();

    JudgeOfTable(BenchmarkTable table, Map<String, JsonNode> rows) {
      for (BenchmarkRow row : table.rows()) {
        JsonNode node = rows.get(row.index());
        String asked =
            row.row().cell("question").orElse("") + "\n" + node.get("prediction").asText();
        judges.put(
            asked, new ScriptedJudge(node.get("judge_replies"), "Failed to obtain answer via API"));
      }
    }

    @Override
    public String reply(String prompt, double temperature) throws JudgeException {
      List<String> found = new ArrayList<>();
      for (String asked : judges.keySet()) {
        int line = asked.lastIndexOf('\n');
        String question = asked.substring(0, line);
        String prediction = asked.substring(line + 1);
        if (prompt.contains(": " + question + "\n")
            && prompt.contains("Response: " + prediction + "\n")) {
          found.add(asked);
        }
      }
      assertThat(found).as("rows that are asked about by\n%s", prompt).hasSize(1);
      return judges.get(found.get(0)).reply(prompt, temperature);
    }

    @Override
    public String name() {
      return "table";
    }
  }

  private static void checkPrompts(
      BenchmarkTable table, BenchmarkRow asked, JsonNode row, Differences differences) {
    differences.expectKeys(
        row,
        "index",
        "image_sizes",
        "prompt_default",
        "prompt_llava",
        "prompt_internvl",
        "prediction",
        "hit",
        "letter",
        "extracted",
        "score",
        "correct",
        "judge_calls",
        "judge_replies");
    List<byte[]> pictures = table.pictures().pictures(asked.index());
    if (row.has("image_sizes")) {
      List<List<Integer>> sizes = pictures.stream().map(BenchmarkTablesTest::size).toList();
      differences.expect("sizes", sizes, row.get("image_sizes"));
    }
    Map.of(
            "prompt_default", PromptStyle.BENCHMARK,
            "prompt_llava", PromptStyle.LLAVA,
            "prompt_internvl", PromptStyle.INTERNVL)
        .forEach(
            (key, style) -> {
              if (row.has(key)) {
                List<PromptPart> prompt =
                    Prompts.of(table.benchmark(), style, asked.row(), pictures.size());
                differences.expect(
                    key,
                    style == PromptStyle.BENCHMARK
                        ? ReportChecks.parts(prompt)
                        : ReportChecks.text(prompt),
                    row.get(key));
              }
            });
  }

  private static List<Integer> size(byte[] picture) {
    RgbImage image = new ImageDecoder(10_000_000).decode(picture);
    return List.of(image.width(), image.height());
  }

  private static void checkScore(
      Benchmark benchmark,
      BenchmarkResult result,
      ScoredRow scored,
      JsonNode row,
      Differences differences) {
    if (row.has("letter")) {
      differences.expect(
          "letter",
          Optional.of(scored.score().read()).filter(s -> !s.isEmpty()),
          row.get("letter"));
    }
    if (row.has("hit")) {
      differences.expect("hit", hit(benchmark, result, scored), row.get("hit"));
    }
    if (row.has("score")) {
      // VLMEvalKit counts what its judge never scored as 0.
      double value = scored.score().isScored() ? scored.score().value() : 0;
      differences.expect("score", value, row.get("score"));
    }
    if (row.has("correct")) {
      differences.expect("correct", scored.score().value() == 1, row.get("correct"));
    }
    if (row.has("judge_calls")) {
      differences.expect("calls", result.judged().get(scored.index()), row.get("judge_calls"));
    }
    if (row.has("extracted")) {
      boolean yesNo = benchmark.kind() == QuestionKind.YES_NO;
      boolean unknown = yesNo && scored.score().outcome() == Outcome.UNPARSED;
      JsonNode extracted = row.get("extracted");
      String read = unknown ? "Unknown" : scored.score().read();
      differences.expect(
          "extracted", extracted.isNumber() ? (Object) Double.parseDouble(read) : read, extracted);
    }
  }

  /** In circular evaluation a rotation has its question's hit. */
  private static double hit(Benchmark benchmark, BenchmarkResult result, ScoredRow scored) {
    if (benchmark.family() != Family.CIRCULAR) {
      return scored.score().value();
    }
    String group = CircularGroups.group(scored.index(), scored.row());
    return result.counted().stream()
        .filter(row -> row.index().equals(group))
        .findFirst()
        .orElseThrow()
        .score()
        .value();
  }

  /** VLMEvalKit counts a row that its judge gave up as 0, we not at all: counted as there. */
  private static List<ReportTable> tables(BenchmarkResult result) {
    List<ScoredRow> rows =
        result.counted().stream()
            .map(
                row ->
                    row.score().isScored()
                        ? row
                        : new ScoredRow(row.index(), row.row(), Score.of(false, "")))
            .toList();
    return switch (result.benchmark().family()) {
      case MM_VET -> List.of(MmVetReport.capabilities(rows), MmVetReport.combinations(rows));
      case MATH_VISTA ->
          List.of(
              MathVistaReport.of(
                  rows,
                  rows.stream()
                      .map(ScoredRow::index)
                      .filter(index -> result.judged().getOrDefault(index, 0) == 0)
                      .collect(Collectors.toSet())));
      default -> result.tables();
    };
  }

  private static Object report(Benchmark benchmark, List<ReportTable> tables) {
    ReportTable table = tables.get(0);
    return switch (benchmark.family()) {
      case CHOICE, CIRCULAR, MMMU -> ReportChecks.lines(table);
      case HALLUSION_BENCH ->
          ReportChecks.lines(table).stream()
              .sorted((a, b) -> order(a).compareTo(order(b)))
              .peek(line -> line.remove("mean"))
              .toList();
      case POPE ->
          ReportChecks.lines(table).stream()
              .peek(line -> line.put("Overall", line.remove("f1")))
              .toList();
      case MATH_VISTA -> {
        Map<String, Object> byName = new LinkedHashMap<>();
        for (ReportTable.Line line : table.lines()) {
          Map<String, Double> numbers = new LinkedHashMap<>(line.numbers());
          numbers.remove("prefetch_rate");
          byName.put(line.name(), numbers);
        }
        yield byName;
      }
      case MM_VET ->
          Map.of(
              "capability", ReportChecks.byName(tables.get(0)),
              "combination", ReportChecks.byName(tables.get(1)));
      case CAPTION -> {
        Map<String, Double> numbers = table.lines().get(0).numbers();
        yield Map.of(
            "Bleu",
            Stream.of("Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4").map(numbers::get).toList(),
            "ROUGE_L",
            numbers.get("ROUGE_L"),
            "CIDEr",
            numbers.get("CIDEr"));
      }
      default -> table.lines().get(0).numbers();
    };
  }

  private static String order(Map<String, Object> line) {
    return line.get("split").toString();
  }
}
