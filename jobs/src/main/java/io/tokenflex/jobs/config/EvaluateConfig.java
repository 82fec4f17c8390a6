package io.tokenflex.jobs.config;

import io.tokenflex.distributed.Precision;
import io.tokenflex.failure.Expect;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a model is evaluated.
 *
 * @param model a model folder; the run's newest checkpoint if absent
 * @param numVisionTokens token counts to answer every question at; each a square, trained or not
 * @param maxNewTokens tokens after which an answer is cut
 * @param batchSize questions decoded together
 * @param precision what to compute answers in; {@code auto} is fp32 on a CPU
 * @param kindKey metadata key that groups questions in the accuracy table
 * @param detailKey second metadata key; splits the kinds of the samples that have it
 * @param maxBrokenFraction part of the questions that may be impossible to ask before the
 *     evaluation fails
 * @param heldout whether the held-out data of the run is asked
 * @param auto whether it is also asked at numbers of vision tokens that the model's calibration
 *     chooses
 * @param repeatTemperature of answers that are drawn beside the best count of each question, as
 *     many as there are counts; absent for none
 * @param score how its answers are compared with what is expected
 * @param benchmarks public ones, asked after it
 * @param judge of what their rules cannot decide
 */
public record EvaluateConfig(
    Optional<String> model,
    List<Integer> numVisionTokens,
    int maxNewTokens,
    int batchSize,
    Precision precision,
    String kindKey,
    Optional<String> detailKey,
    double maxBrokenFraction,
    boolean heldout,
    boolean auto,
    Optional<Double> repeatTemperature,
    HeldoutScore score,
    Optional<List<BenchmarkSettings>> benchmarks,
    JudgeSettings judge) {

  public EvaluateConfig {
    numVisionTokens = List.copyOf(numVisionTokens);
    if (numVisionTokens.isEmpty()
        || new HashSet<>(numVisionTokens).size() != numVisionTokens.size()) {
      throw new InvalidInputException(
          "numVisionTokens is %s; expected one or more different squares such as [64, 144, 256]"
              .formatted(numVisionTokens));
    }
    for (int count : numVisionTokens) {
      try {
        VisionTokenCount.of(count);
      } catch (IllegalArgumentException e) {
        throw new InvalidInputException("numVisionTokens: " + e.getMessage(), e);
      }
    }
    if (!heldout && benchmarks.orElse(List.of()).isEmpty()) {
      throw new InvalidInputException(
          "heldout is false and benchmarks is empty: there is nothing to ask; give one of them");
    }
    Set<String> names = new HashSet<>();
    for (BenchmarkSettings benchmark : benchmarks.orElse(List.of())) {
      if (!names.add(benchmark.name())) {
        throw new InvalidInputException(
            "benchmarks names %s twice; expected every name once".formatted(benchmark.name()));
      }
    }
    if (repeatTemperature.isPresent() && !(repeatTemperature.get() > 0)) {
      throw new InvalidInputException(
          "repeatTemperature is %s; it must be above 0, for at 0 all repeats are equal"
              .formatted(repeatTemperature.get()));
    }
    Expect.atLeastOne("maxNewTokens", maxNewTokens);
    Expect.atLeastOne("batchSize", batchSize);
    if (!(maxBrokenFraction >= 0 && maxBrokenFraction <= 1)) {
      throw new InvalidInputException(
          "maxBrokenFraction is %s; expected 0 to 1".formatted(maxBrokenFraction));
    }
  }

  /** The benchmarks to ask, in their order. */
  public List<BenchmarkSettings> benchmarksToAsk() {
    return benchmarks.orElse(List.of());
  }
}
