package io.tokenflex.jobs.config;

import io.tokenflex.benchmark.Benchmark;
import io.tokenflex.benchmark.PromptStyle;
import io.tokenflex.benchmark.ScoringRules;
import io.tokenflex.config.NearestName;
import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.score.ChoiceRule;
import io.tokenflex.score.MathVistaScorer;
import io.tokenflex.table.CellReading;
import java.util.Optional;

/**
 * A public benchmark to answer. What is absent has its default: the choice rule of the TokenFLEX
 * paper's time, the benchmark's own prompts, cells as they are written.
 *
 * @param name as its table is called, for instance {@code MMStar}
 * @param data the table as published, any Hadoop path
 * @param style whose prompts
 * @param choiceRule how a letter is read, by the rule's date
 * @param cells what the text of a cell becomes
 * @param circular false asks only the unrotated rows of a circular benchmark, each for itself
 * @param limit asks only so many questions, the first of the table
 * @param maxNewTokens tokens after which an answer is cut; that of the section if absent
 * @param mmmu whose rule for MMMU
 * @param mathVista what is decided without a judge
 * @param captions what is done to captions first
 */
public record BenchmarkSettings(
    String name,
    String data,
    Optional<PromptStyle> style,
    Optional<String> choiceRule,
    Optional<CellReading> cells,
    Optional<Boolean> circular,
    Optional<Integer> limit,
    Optional<Integer> maxNewTokens,
    Optional<ScoringRules.Mmmu> mmmu,
    Optional<MathVistaScorer.Variant> mathVista,
    Optional<ScoringRules.Captions> captions) {

  public BenchmarkSettings {
    try {
      Benchmark.named(name);
    } catch (InvalidInputException e) {
      throw NearestName.of(name, Benchmark.names())
          .map(near -> new InvalidInputException(e.getMessage() + "; did you mean " + near + "?"))
          .orElse(e);
    }
    if (!name.matches("[A-Za-z0-9_.-]+")) {
      throw new InvalidInputException(
          "name is '" + name + "'; expected letters, digits, _, . and -, as tables are called");
    }
    choiceRule.ifPresent(ChoiceRule::named);
    limit.ifPresent(number -> Expect.atLeastOne("limit", number));
    maxNewTokens.ifPresent(number -> Expect.atLeastOne("maxNewTokens", number));
  }

  /** The benchmark, without rotations if they are not asked. */
  public Benchmark benchmark() {
    Benchmark named = Benchmark.named(name);
    return circular.orElse(true) ? named : named.withoutRotations();
  }

  /** Whose prompts. */
  public PromptStyle promptStyle() {
    return style.orElse(PromptStyle.BENCHMARK);
  }

  /** What the text of a cell becomes. */
  public CellReading cellReading() {
    return cells.orElse(CellReading.EXACT);
  }

  /** The rules that score it. */
  public ScoringRules rules() {
    ScoringRules defaults =
        ScoringRules.defaults(choiceRule.map(ChoiceRule::named).orElse(ChoiceRule.APRIL_2025));
    return new ScoringRules(
        defaults.choice(),
        mmmu.orElse(defaults.mmmu()),
        mathVista.orElse(defaults.mathVista()),
        captions.orElse(defaults.captions()));
  }
}
