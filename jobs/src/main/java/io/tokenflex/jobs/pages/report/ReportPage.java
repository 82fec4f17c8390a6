package io.tokenflex.jobs.pages.report;

import io.tokenflex.jobs.evaluate.EvaluationSummary.CountResult;
import io.tokenflex.jobs.pages.html.HumanText;
import io.tokenflex.jobs.pages.html.Page;
import io.tokenflex.jobs.pages.html.Palette;
import io.tokenflex.jobs.pages.html.Tile;
import io.tokenflex.jobs.pages.report.ReportData.Dataset;
import io.tokenflex.jobs.pages.report.ReportData.Example;
import io.tokenflex.jobs.pages.report.ReportView.Answer;
import io.tokenflex.jobs.pages.report.ReportView.Command;
import io.tokenflex.jobs.pages.report.ReportView.Fact;
import io.tokenflex.jobs.pages.report.ReportView.Reject;
import io.tokenflex.jobs.quickstart.Pipeline;
import io.tokenflex.jobs.run.CommandLog;
import io.tokenflex.jobs.run.Machine;
import io.tokenflex.jobs.run.TrainingEnvironment;
import io.tokenflex.train.StepMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Puts what is known of a run into the words and numbers of its page. */
final class ReportPage {
  /** As many of the last commands are shown. */
  private static final int MAX_COMMANDS = 10;

  private static final int LAST_STEPS = 20;
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final ReportData data;
  private final TreeSet<Integer> trained = new TreeSet<>();
  private final Palette palette;

  ReportPage(ReportData data) {
    this.data = data;
    data.steps().forEach(step -> trained.add(step.numVisionTokens()));
    TreeSet<Integer> counts = new TreeSet<>(trained);
    data.evaluation()
        .ifPresent(summary -> summary.counts().forEach(c -> counts.add(c.numVisionTokens())));
    this.palette = new Palette(counts);
  }

  String render() {
    return Page.render(ReportPage.class, "report.ftlh", view());
  }

  ReportView view() {
    return new ReportView(
        data.title(),
        palette.variables(),
        data.evaluation()
            .map(summary -> Headline.of(summary, trained, data.fixed()))
            .orElse(List.of()),
        data.steps().isEmpty() ? "" : byline(),
        origin().map(CommandLog.Entry::line).orElse(""),
        tiles(),
        data.evaluation()
            .filter(summary -> !summary.counts().isEmpty())
            .map(
                summary ->
                    new EvaluationPart(summary, data.fixed(), trained, palette)
                        .view(data.newestCheckpoint())),
        data.beside().map(beside -> new BesidePart(data, beside).view()),
        data.steps().isEmpty()
            ? Optional.empty()
            : Optional.of(new TrainingPart(data.steps(), palette).view()),
        data.benchmarks().stream()
            .filter(benchmark -> !benchmark.counts().isEmpty())
            .map(BenchmarkPart::card)
            .toList(),
        data.examples().stream().map(ReportPage::example).toList(),
        AnswerBrowser.of(data.asked()),
        data.datasets().stream().map(ReportPage::dataset).toList(),
        commands(),
        facts(),
        data.settings());
  }

  /**
   * The command that made the run: the last one that trains and came to its end or works now, for
   * others may have been refused; if there is none, the last that trains.
   */
  private Optional<CommandLog.Entry> origin() {
    List<CommandLog.Entry> commands = data.commands();
    Optional<CommandLog.Entry> origin = Optional.empty();
    for (int i = 0; i < commands.size(); i++) {
      CommandLog.Entry entry = commands.get(i);
      boolean isDone = entry.seconds() != null || i == commands.size() - 1;
      if (entry.trains() && (isDone || origin.isEmpty() || origin.get().seconds() == null)) {
        origin = Optional.of(entry);
      }
    }
    return origin;
  }

  private String byline() {
    StepMetrics last = data.steps().get(data.steps().size() - 1);
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "Trained%s: %s steps in %s, %.1f samples/s",
            last.time() == null
                ? ""
                : " until " + MINUTE.format(last.time()), // an edited line may lack it
            HumanText.grouped(last.step()),
            Pipeline.inWords(trainingTime()),
            samplesPerSecond()));
    data.environment()
        .ifPresent(
            environment -> {
              line.append(" in ").append(environment.computeType().toLowerCase(Locale.ROOT));
              ranks(environment)
                  .forEach(
                      (machine, number) ->
                          line.append(
                              String.format(
                                  Locale.ROOT,
                                  ", %d %s on %s",
                                  number,
                                  number == 1 ? "rank" : "ranks",
                                  machine.processor())));
            });
    return line.append('.').toString();
  }

  /** How many ranks were on each kind of machine, in the order of the ranks. */
  private static Map<Machine, Integer> ranks(TrainingEnvironment environment) {
    Map<Machine, Integer> ranks = new LinkedHashMap<>();
    environment.ranks().forEach(machine -> ranks.merge(machine, 1, Integer::sum));
    return ranks;
  }

  // Of a long run only some steps are here: they speak for the others.
  private Duration trainingTime() {
    List<StepMetrics> steps = data.steps();
    double seconds = steps.stream().mapToDouble(StepMetrics::stepSeconds).sum();
    double all = seconds * steps.get(steps.size() - 1).step() / steps.size();
    return Duration.ofMillis(Math.round(1000 * all));
  }

  private double samplesPerSecond() {
    double seconds = data.steps().stream().mapToDouble(StepMetrics::stepSeconds).sum();
    return data.steps().stream().mapToLong(StepMetrics::samples).sum() / seconds;
  }

  private List<Tile> tiles() {
    List<Tile> tiles = new ArrayList<>();
    data.evaluation()
        .ifPresent(
            summary -> {
              Set<Integer> never = EvaluationPart.neverTrained(summary, trained);
              for (CountResult count : summary.counts()) {
                boolean isNever = never.contains(count.numVisionTokens());
                tiles.add(
                    new Tile(
                        HumanText.percent(count.accuracy()),
                        String.format(
                            Locale.ROOT,
                            "accuracy, %d tokens%s%s",
                            count.numVisionTokens(),
                            count.secondsPerAnswer() > 0
                                ? ", " + HumanText.seconds(count.secondsPerAnswer()) + " an answer"
                                : "",
                            isNever ? " (" + AccuracyTables.NEVER_TRAINED + ")" : ""),
                        palette.ofCount(count.numVisionTokens())));
              }
            });
    List<StepMetrics> steps = data.steps();
    if (!steps.isEmpty()) {
      List<StepMetrics> last = steps.subList(Math.max(0, steps.size() - LAST_STEPS), steps.size());
      double loss = last.stream().mapToDouble(StepMetrics::loss).average().orElseThrow();
      tiles.add(Tile.of(String.format(Locale.ROOT, "%.3f", loss), "loss at the end"));
      tiles.add(Tile.of(Pipeline.inWords(trainingTime()), "training time"));
      tiles.add(
          Tile.of(String.format(Locale.ROOT, "%.1f", samplesPerSecond()), "samples/s of training"));
    }
    return tiles;
  }

  private static ReportView.Example example(Example example) {
    List<Answer> answers = new ArrayList<>();
    for (ReportData.Answer answer : example.answers()) {
      answers.add(
          new Answer(
              String.format(Locale.ROOT, "%d tokens", answer.numVisionTokens()),
              answer.text().isBlank() ? "(empty)" : answer.text(),
              answer.correct()));
    }
    return new ReportView.Example(
        example.pictureUri(),
        Headline.inWords(example.kind()),
        example.question(),
        example.expected(),
        answers);
  }

  private static ReportView.Dataset dataset(Dataset dataset) {
    List<Reject> rejects = new ArrayList<>();
    if (!dataset.rejects().isEmpty()) {
      long most = Collections.max(dataset.rejects().values());
      dataset
          .rejects()
          .forEach(
              (reason, number) ->
                  rejects.add(
                      new Reject(
                          reason,
                          HumanText.grouped(number),
                          String.format(Locale.ROOT, "%d%%", Math.max(2, 80 * number / most)))));
    }
    return new ReportView.Dataset(
        dataset.split(),
        List.of(
            new Fact("samples", HumanText.grouped(dataset.rows())),
            new Fact("shards", HumanText.grouped(dataset.shards())),
            new Fact("row groups", HumanText.grouped(dataset.rowGroups())),
            new Fact("size", HumanText.megabytes(dataset.bytes())),
            new Fact("rejected records", HumanText.grouped(dataset.numRejects()))),
        rejects);
  }

  private List<Command> commands() {
    List<CommandLog.Entry> entries = data.commands();
    return entries.subList(Math.max(0, entries.size() - MAX_COMMANDS), entries.size()).stream()
        .map(
            entry ->
                new Command(
                    MINUTE.format(Instant.parse(entry.startedAt())),
                    entry.line(),
                    entry.seconds() == null
                        ? "not ended"
                        : Pipeline.inWords(Duration.ofMillis(Math.round(1e3 * entry.seconds())))))
        .toList();
  }

  private List<Fact> facts() {
    List<Fact> facts = new ArrayList<>();
    origin().ifPresent(entry -> facts.add(new Fact("driver", entry.driver().inWords())));
    data.environment()
        .ifPresent(
            environment -> {
              ranks(environment)
                  .forEach(
                      (machine, number) ->
                          facts.add(
                              new Fact(
                                  String.format(
                                      Locale.ROOT,
                                      number == 1 ? "%d rank on" : "%d ranks on",
                                      number),
                                  machine.inWords())));
              facts.add(
                  new Fact(
                      "training precision", environment.computeType().toLowerCase(Locale.ROOT)));
            });
    data.facts().forEach((name, value) -> facts.add(new Fact(name, value)));
    return facts;
  }
}
