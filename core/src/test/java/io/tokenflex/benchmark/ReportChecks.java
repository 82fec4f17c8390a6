package io.tokenflex.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.score.ChoiceRule;
import io.tokenflex.score.ChoiceScorer;
import io.tokenflex.score.MathVistaRow;
import io.tokenflex.score.MathVistaScorer;
import io.tokenflex.score.MmmuAuthorsOpen;
import io.tokenflex.score.OcrBenchScorer;
import io.tokenflex.score.Reference;
import io.tokenflex.score.Score;
import io.tokenflex.score.YesNoScorer;
import io.tokenflex.table.Table.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** Reports, circular groups and prompts. */
final class ReportChecks {
  static final Map<String, CaseCheck> ALL = new HashMap<>();

  static {
    ALL.put("mcq-circular", ReportChecks::circular);
    ALL.put("mcq-report", ReportChecks::choice);
    ALL.put("hallusionbench", ReportChecks::hallusion);
    ALL.put("pope-table", ReportChecks::pope);
    ALL.put("pope-metrics", ReportChecks::popeMetrics);
    ALL.put("yes-no-table", ReportChecks::yesNo);
    ALL.put("ocrbench-table", ReportChecks::ocrBench);
    ALL.put("mathvista-table", ReportChecks::mathVista);
    ALL.put("mmvet-table", ReportChecks::mmVet);
    ALL.put("mmmu-official-table", ReportChecks::mmmuAuthors);
    ALL.put("prompts", ReportChecks::prompts);
  }

  private ReportChecks() {}

  private static List<ScoredRow> rows(JsonNode rows, Function<JsonNode, Score> score) {
    List<ScoredRow> scored = new ArrayList<>();
    for (JsonNode row : rows) {
      String index = row.has("index") ? EvaluationFiles.cell(row.get("index")) : "";
      scored.add(new ScoredRow(index, new Row(EvaluationFiles.cells(row)), score.apply(row)));
    }
    return scored;
  }

  private static void circular(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectKeys(input, "rows", "answers_in_benchmark");
    Map<String, String> answers = new HashMap<>();
    JsonNode known =
        input.has("answers_in_benchmark") ? input.get("answers_in_benchmark") : input.get("rows");
    known.forEach(row -> answers.put(row.get("index").asText(), row.get("answer").asText()));
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (JsonNode row : input.get("rows")) {
      if (answers.containsKey(row.get("index").asText())) {
        rows.add(row);
      }
    }
    Map.of("expected", ChoiceRule.JUNE_2026, "expected_2025_04", ChoiceRule.APRIL_2025)
        .forEach(
            (key, rule) -> {
              Map<String, Object> hits = new HashMap<>();
              List<ScoredRow> scored =
                  rows(
                      rows,
                      row ->
                          new ChoiceScorer(rule)
                              .score(
                                  Reference.of(
                                      answers.get(row.get("index").asText()),
                                      EvaluationFiles.options(EvaluationFiles.cells(row))),
                                  EvaluationFiles.cell(row.get("prediction"))));
              CircularGroups.questions(scored)
                  .forEach(row -> hits.put(row.index(), row.score().value()));
              differences.expect(key, hits, whole.get(key).get("hit_by_question"));
            });
  }

  private static Score hit(JsonNode row) {
    return Score.of(row.get("hit").asDouble(), "");
  }

  /** A table as a list of objects, whose member with its title is the line's name. */
  static List<Map<String, Object>> lines(ReportTable table) {
    return table.lines().stream()
        .map(
            line -> {
              Map<String, Object> object = new LinkedHashMap<>(line.numbers());
              object.put(table.title(), line.name());
              return object;
            })
        .toList();
  }

  static Map<String, Object> byName(ReportTable table) {
    Map<String, Object> byName = new LinkedHashMap<>();
    table.lines().forEach(line -> byName.put(line.name(), line.numbers()));
    return byName;
  }

  private static void choice(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectKeys(whole.get("expected"), "report");
    ReportTable table = ChoiceReport.of(rows(input.get("rows"), ReportChecks::hit));
    differences.expect("report", lines(table), whole.get("expected").get("report"));
  }

  private static Score yesNo(JsonNode row) {
    return new YesNoScorer()
        .score(
            Reference.of(row.get("answer").asText()), EvaluationFiles.cell(row.get("prediction")));
  }

  private static void hallusion(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectKeys(whole.get("expected"), "by_split");
    ReportTable table = YesNoReports.hallusionBench(rows(input.get("rows"), ReportChecks::yesNo));
    JsonNode expected = whole.get("expected").get("by_split");
    Map<String, Object> actual = new LinkedHashMap<>();
    for (ReportTable.Line line : table.lines()) {
      Map<String, Object> numbers = new LinkedHashMap<>(line.numbers());
      numbers.keySet().removeIf(key -> !expected.path(line.name()).has(key));
      actual.put(line.name(), numbers);
    }
    differences.expect("report", actual, expected);
  }

  private static void pope(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectKeys(whole.get("expected"), "by_split");
    ReportTable table = YesNoReports.pope(rows(input.get("rows"), ReportChecks::yesNo));
    differences.expect("report", byName(table), whole.get("expected").get("by_split"));
  }

  private static void popeMetrics(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectKeys(whole.get("expected"), "original", "lmms_eval");
    List<String> labels = EvaluationFiles.texts(input.get("labels"));
    List<String> predictions = EvaluationFiles.texts(input.get("predictions"));
    JsonNode expected = whole.get("expected");
    differences.expect(
        "authors", PopeMetrics.authors(labels, predictions), expected.get("original"));
    differences.expect(
        "lmms-eval", PopeMetrics.lmmsEval(labels, predictions), expected.get("lmms_eval"));
  }

  private static void yesNo(JsonNode input, JsonNode whole, Differences differences) {
    List<ScoredRow> rows = rows(input.get("rows"), ReportChecks::yesNo);
    String benchmark = input.get("benchmark").asText();
    ReportTable table =
        switch (benchmark) {
          case "MME" -> YesNoReports.mme(rows);
          case "any other" -> YesNoReports.plain(rows);
          default -> throw new IllegalStateException("benchmark " + benchmark + " is not known");
        };
    differences.expect(benchmark, table.lines().get(0).numbers(), whole.get("expected"));
  }

  private static void ocrBench(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectOrError(
        "report",
        () ->
            OcrBenchReport.of(
                    rows(
                        input.get("rows"),
                        row ->
                            new OcrBenchScorer(OcrBenchScorer.Variant.VLMEVALKIT)
                                .score(
                                    new Reference(
                                        row.get("answer").asText(),
                                        new TreeMap<>(),
                                        EvaluationFiles.cells(row)),
                                    EvaluationFiles.cell(row.get("prediction")))))
                .lines()
                .get(0)
                .numbers(),
        whole.get("expected"));
  }

  private static void mathVista(JsonNode input, JsonNode whole, Differences differences) {
    MathVistaScorer scorer =
        new MathVistaScorer(MathVistaScorer.Variant.VLMEVALKIT, ChoiceRule.JUNE_2026);
    Set<String> byRule = new HashSet<>();
    List<ScoredRow> rows =
        rows(
            input.get("rows"),
            node -> {
              Map<String, String> cells = new HashMap<>(EvaluationFiles.cells(node));
              cells.remove("res");
              MathVistaRow row =
                  MathVistaRow.of(
                      new Reference(cells.getOrDefault("answer", ""), new TreeMap<>(), cells));
              Score score = scorer.score(row, cells.getOrDefault("prediction", ""));
              if (score.isScored()) {
                byRule.add(EvaluationFiles.cell(node.get("index")));
              }
              return scorer.scoreReply(row, EvaluationFiles.cell(node.get("res")));
            });
    differences.expect("report", byName(MathVistaReport.of(rows, byRule)), whole.get("expected"));
  }

  private static void mmVet(JsonNode input, JsonNode whole, Differences differences) {
    differences.expectKeys(whole.get("expected"), "capability", "combination");
    List<ScoredRow> rows =
        rows(input.get("rows"), row -> Score.of(row.get("score").asDouble(), ""));
    differences.expect(
        "capability",
        byName(MmVetReport.capabilities(rows)),
        whole.get("expected").get("capability"));
    differences.expect(
        "combination",
        byName(MmVetReport.combinations(rows)),
        whole.get("expected").get("combination"));
  }

  private static void mmmuAuthors(JsonNode input, JsonNode whole, Differences differences) {
    List<ScoredRow> rows = new ArrayList<>();
    for (JsonNode row : input.get("rows")) {
      rows.add(
          new ScoredRow(row.get("id").asText(), new Row(Map.of()), Score.of(mmmuRight(row), "")));
    }
    differences.expect(
        "report", MmmuAuthorsReport.of(rows).lines().get(0).numbers(), whole.get("expected"));
  }

  private static boolean mmmuRight(JsonNode row) {
    if (row.get("question_type").asText().equals("multiple-choice")) {
      return row.get("answer").equals(row.get("parsed"));
    }
    Set<Object> parsed = new LinkedHashSet<>();
    row.get("parsed")
        .forEach(node -> parsed.add(node.isNumber() ? (Object) node.asDouble() : node.asText()));
    List<String> answers =
        row.get("answer").isArray()
            ? EvaluationFiles.texts(row.get("answer"))
            : List.of(row.get("answer").asText());
    return MmmuAuthorsOpen.isRight(answers, parsed);
  }

  private static void prompts(JsonNode input, JsonNode whole, Differences differences) {
    JsonNode expected = whole.get("expected");
    differences.expectKeys(expected, "default", "llava", "internvl");
    Benchmark benchmark = benchmark(input.get("benchmark").asText(), input.get("kind").asText());
    Row row = new Row(EvaluationFiles.cells(input.get("row")));
    int numPictures = input.get("num_images").asInt();
    differences.expectOrError(
        "benchmark",
        () -> parts(Prompts.of(benchmark, PromptStyle.BENCHMARK, row, numPictures)),
        expected.get("default"));
    for (PromptStyle style : List.of(PromptStyle.LLAVA, PromptStyle.INTERNVL)) {
      if (expected.has(style.toString())) {
        differences.expect(
            style.toString(),
            text(Prompts.of(benchmark, style, row, numPictures)),
            expected.get(style.toString()));
      }
    }
  }

  /** A name that stands for no benchmark is one of its kind. */
  private static Benchmark benchmark(String name, String kind) {
    try {
      return Benchmark.named(name);
    } catch (InvalidInputException e) {
      return new Benchmark(
          name,
          switch (kind) {
            case "MCQ" -> Family.CHOICE;
            case "Y/N" -> Family.YES_NO;
            case "VQA" -> Family.VQA;
            case "Caption" -> Family.CAPTION;
            default -> throw new IllegalStateException("kind '" + kind + "' is not known", e);
          });
    }
  }

  static List<Map<String, Object>> parts(List<PromptPart> prompt) {
    return prompt.stream()
        .map(
            part ->
                part instanceof PromptPart.Text text
                    ? Map.of("text", (Object) text.text())
                    : Map.of("image", (Object) ((PromptPart.Picture) part).number()))
        .toList();
  }

  /** The words of a prompt that has all pictures before or behind them. */
  static String text(List<PromptPart> prompt) {
    StringBuilder text = new StringBuilder();
    for (PromptPart part : prompt) {
      if (part instanceof PromptPart.Text words) {
        text.append(words.text());
      }
    }
    return text.toString();
  }
}
