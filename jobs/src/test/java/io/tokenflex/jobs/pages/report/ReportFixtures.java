package io.tokenflex.jobs.pages.report;

import io.tokenflex.benchmark.ReportTable;
import io.tokenflex.jobs.evaluate.AutoResult;
import io.tokenflex.jobs.evaluate.BenchmarkSummary;
import io.tokenflex.jobs.evaluate.EvaluationSummary;
import io.tokenflex.jobs.evaluate.EvaluationSummary.CountResult;
import io.tokenflex.jobs.evaluate.EvaluationSummary.KindResult;
import io.tokenflex.jobs.evaluate.ModelComparison;
import io.tokenflex.jobs.evaluate.OracleResult;
import io.tokenflex.jobs.evaluate.Speed;
import io.tokenflex.jobs.evaluate.Sweep;
import io.tokenflex.jobs.pages.report.ReportData.Answer;
import io.tokenflex.jobs.pages.report.ReportData.Asked;
import io.tokenflex.jobs.pages.report.ReportData.Beside;
import io.tokenflex.jobs.pages.report.ReportData.Dataset;
import io.tokenflex.jobs.pages.report.ReportData.Example;
import io.tokenflex.jobs.pages.report.ReportData.FixedModel;
import io.tokenflex.jobs.run.CommandLog;
import io.tokenflex.jobs.run.Machine;
import io.tokenflex.jobs.run.TrainingEnvironment;
import io.tokenflex.statistics.Interval;
import io.tokenflex.train.StepMetrics;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import javax.imageio.ImageIO;

/** A made-up run that looks like a real one. */
final class ReportFixtures {
  private static final Machine MACHINE = new Machine("AMD EPYC 9R14", 2, 16_000_000_000L, true);

  private ReportFixtures() {}

  static ReportData complete() throws IOException {
    return complete("step-000600");
  }

  /** A run of which step 600 was evaluated. */
  static ReportData complete(String newestCheckpoint) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("config digest", "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");
    facts.put("seed", "1");
    facts.put("ranks", "2");
    facts.put("Spark", "4.1.3");
    return new ReportData(
        "quickstart-run",
        steps(600),
        Optional.of(new TrainingEnvironment("BF16", List.of(MACHINE, MACHINE))),
        Optional.of(evaluation()),
        Optional.of(newestCheckpoint),
        Optional.of(new FixedModel(Set.of(256), fixedEvaluation())),
        Optional.of(
            new Beside(
                "/runs/older", steps(500, 150), Optional.of(fixedEvaluation()), comparisons())),
        List.of(
            new Dataset(
                "train",
                1600,
                4,
                25,
                9_400_000,
                Map.of("image-missing", 1L, "image-truncated", 3L)),
            new Dataset("heldout", 500, 1, 8, 1_700_000, Map.of())),
        examples(),
        List.of(benchmark()),
        asked(),
        List.of(
            new CommandLog.Entry(
                "quickstart",
                "./tokenflex quickstart --dir quickstart-run",
                "2026-11-29T01:40:02Z",
                431.2,
                MACHINE),
            new CommandLog.Entry(
                "report",
                "./tokenflex report --conf my.conf",
                "2026-11-29T02:40:02Z",
                null,
                MACHINE)),
        facts,
        "run {\n  dir = quickstart-run\n  seed = 1\n}\n");
  }

  static ReportData empty() {
    return new ReportData(
        "nothing-yet",
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        "run {}");
  }

  private static List<ModelComparison> comparisons() {
    return List.of(
        new ModelComparison(
            "beside", "here", 64, 500, 0.082, new Interval(0.051, 0.113), 0.0002, 0.0004),
        new ModelComparison(
            "beside", "here", 256, 500, -0.004, new Interval(-0.02, 0.012), 0.61, 0.61));
  }

  private static List<StepMetrics> steps(int numSteps) {
    return steps(numSteps, 90);
  }

  /**
   * @param slowness steps in which the loss falls to a third
   */
  private static List<StepMetrics> steps(int numSteps, double slowness) {
    Random random = new Random(7);
    int[] counts = {64, 64, 144, 144, 144, 256, 256, 256, 256, 256};
    List<StepMetrics> steps = new ArrayList<>();
    for (int step = 0; step < numSteps; step++) {
      int count = counts[random.nextInt(counts.length)];
      double loss =
          0.25
              + 3.6 * Math.exp(-step / slowness)
              + 12.0 / (count + 40)
              + 0.08 * random.nextGaussian();
      double warmup = Math.min(1, step / 50.0);
      double rate = 1e-3 * warmup * (0.55 + 0.45 * Math.cos(Math.PI * step / numSteps));
      double norm = 0.4 + 2.5 * Math.exp(-step / 60.0) * (1 + 0.3 * random.nextDouble());
      double seconds = 0.25 + count / 500.0 + 0.02 * random.nextDouble();
      steps.add(
          new StepMetrics(
              step,
              step / 100.0,
              count,
              loss,
              rate,
              norm,
              640,
              32,
              step == 5 ? 3 : 0,
              seconds,
              0.01,
              Instant.parse("2026-11-29T01:50:00Z")));
    }
    return steps;
  }

  static EvaluationSummary evaluation() {
    return new EvaluationSummary(
        "quickstart-run/checkpoints/step-000600",
        "fp32",
        500,
        16,
        List.of(
            new CountResult(
                64, 0.78, new Interval(0.75, 0.81), 2.4, 0.004, 410, 0.11, 0.14, 0, false),
            new CountResult(
                100, 0.83, new Interval(0.80, 0.86), 2.4, 0.006, 365, 0.13, 0.16, 0, false),
            new CountResult(
                144, 0.86, new Interval(0.83, 0.89), 2.4, 0.009, 310, 0.16, 0.19, 0, false),
            new CountResult(
                256, 0.90, new Interval(0.87, 0.93), 2.4, 0.0164, 215, 0.24, 0.29, 0, false)),
        List.of(
            new KindResult("colour", "", 100, 8, "red", 0.15, List.of(0.97, 0.98, 0.99, 0.99)),
            new KindResult("count", "", 100, 4, "3", 0.31, List.of(0.81, 0.86, 0.9, 0.93)),
            new KindResult("position", "", 100, 4, "top left", 0.28, List.of(.92, .94, .95, .96)),
            new KindResult("print", "", 100, 63, "17", 0.04, List.of(0.31, 0.46, 0.57, 0.74)),
            new KindResult("print", "8", 33, 30, "17", 0.06, List.of(0.12, 0.21, 0.33, 0.55)),
            new KindResult("print", "16", 67, 51, "42", 0.05, List.of(0.4, 0.58, 0.69, 0.83)),
            new KindResult("shape", "", 100, 5, "circle", 0.24, List.of(0.9, 0.92, 0.94, 0.95))),
        "text",
        3,
        List.of(comparison(64, 256, 0.12, 1e-5), comparison(144, 256, 0.01, 0.3)),
        List.of(auto()),
        List.of(new OracleResult(0.934, 4, 256, 1.0, 0.921)));
  }

  private static AutoResult auto() {
    return new AutoResult(
        "cascade",
        0.894,
        new Interval(0.866, 0.922),
        256,
        -0.006,
        new Interval(-0.011, -0.001),
        0.048,
        96.4,
        0.0083,
        0.0164,
        1.31e8,
        3.62e8,
        Map.of(64, 0.61, 144, 0.25, 256, 0.14));
  }

  /** Of a model that was trained at 256 tokens only. */
  static EvaluationSummary fixedEvaluation() {
    return new EvaluationSummary(
        "quickstart-run/fixed/checkpoints/step-000600",
        "fp32",
        500,
        16,
        List.of(
            new CountResult(
                64, 0.31, new Interval(0.28, 0.34), 2.4, 0.004, 410, 0.11, 0.14, 0, false),
            new CountResult(
                100, 0.44, new Interval(0.41, 0.47), 2.4, 0.006, 365, 0.13, 0.16, 0, false),
            new CountResult(
                144, 0.62, new Interval(0.59, 0.65), 2.4, 0.009, 310, 0.16, 0.19, 0, false),
            new CountResult(
                256, 0.91, new Interval(0.88, 0.94), 2.4, 0.0164, 215, 0.24, 0.29, 0, false)),
        List.of(
            new KindResult("colour", "", 100, 8, "red", 0.15, List.of(0.6, 0.7, 0.8, 0.99)),
            new KindResult("print", "", 100, 63, "17", 0.04, List.of(0.02, 0.05, 0.2, 0.75))),
        "text",
        0,
        List.of(),
        List.of(),
        List.of());
  }

  private static Sweep.Comparison comparison(int lower, int higher, double difference, double p) {
    Interval interval = new Interval(difference - 0.02, difference + 0.02);
    return new Sweep.Comparison(lower, higher, difference, interval, p, Math.min(1, 2 * p));
  }

  static BenchmarkSummary benchmark() {
    return new BenchmarkSummary(
        "quickstart-run/checkpoints/step-000600",
        "fp32",
        "HallusionBench",
        "/data/HallusionBench.tsv",
        "benchmark",
        "exact",
        "yes/no as VLMEvalKit e8e78f05, no judge",
        "mean of aAcc, fAcc, qAcc",
        951,
        951,
        List.of("VD_math_0_0_0_1", "VD_math_0_0_0_2"),
        List.of(),
        List.of(benchmarkCount(64, 21.5), benchmarkCount(256, 28.25), benchmarkCount(0, 27.5)),
        List.of(comparison(64, 256, 0.06, 0.003), comparison(0, 256, 0.007, 0.4)));
  }

  private static BenchmarkSummary.Count benchmarkCount(int count, double value) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("aAcc", value + 20);
    numbers.put("fAcc", Double.NaN);
    return new BenchmarkSummary.Count(
        count,
        value,
        new Interval(value - 2, value + 2),
        0.125,
        0,
        new Speed(0.02, 3.1),
        List.of(new ReportTable("split", List.of(new ReportTable.Line("Overall", numbers)))),
        count == 0 ? 90.5 : count);
  }

  static List<Asked> asked() {
    return List.of(
        new Asked(
            "print",
            "Which <number>?",
            "17",
            List.of(new Answer(64, "11", false), new Answer(256, "17", true))),
        new Asked(
            "colour",
            "Which colour?",
            "red",
            List.of(new Answer(64, "red", true), new Answer(256, "", false))));
  }

  private static List<Example> examples() throws IOException {
    List<Example> examples = new ArrayList<>();
    String[] kinds = {"print", "count", "colour", "position"};
    String[] questions = {
      "What number is printed below?",
      "How many shapes are there?",
      "What colour is the <square>?",
      "In which corner is the triangle?"
    };
    for (int i = 0; i < kinds.length; i++) {
      examples.add(
          new Example(
              picture(i),
              kinds[i],
              questions[i],
              "42",
              List.of(
                  new Answer(64, "12", false),
                  new Answer(100, "", false),
                  new Answer(144, "42", true),
                  new Answer(256, "42", true))));
    }
    return examples;
  }

  private static String picture(int index) throws IOException {
    BufferedImage image = new BufferedImage(224, 224, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(245, 242, 235));
    graphics.fillRect(0, 0, 224, 224);
    graphics.setColor(Color.getHSBColor(index * 0.23f, 0.75f, 0.85f));
    graphics.fillOval(40 + 20 * index, 50, 80, 80);
    graphics.setColor(Color.getHSBColor(index * 0.23f + 0.5f, 0.75f, 0.75f));
    graphics.fillRect(20, 150, 50, 50);
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(out.toByteArray());
  }
}
