package io.tokenflex.jobs.train;

import io.tokenflex.tokens.TokenCountSchedule;
import io.tokenflex.train.StepMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How long a training still takes. The schedule tells how many steps are left at every token count,
 * and each is taken to last as long as such steps lasted lately, with the pauses between steps
 * (checkpoints, for instance) spread over all.
 */
final class TimeLeft {
  /** Weight of what was known before in a running mean: ten steps are remembered, more or less. */
  private static final double OLD = 0.9;

  private final TokenCountSchedule schedule;
  private final Map<Integer, Long> stepsLeft = new TreeMap<>();
  private final Map<Integer, Long> stepsAtStart = new TreeMap<>();
  private final Map<Integer, Double> stepSeconds = new TreeMap<>();
  private final Map<Integer, Integer> stepsSeen = new TreeMap<>();
  private Optional<Instant> lastStepAt = Optional.empty();
  private double pauseSeconds;
  private long pauses;

  TimeLeft(TokenCountSchedule schedule) {
    this.schedule = schedule;
  }

  /** An attempt starts; what earlier ones were told of times is forgotten. */
  void start(long stepsDone, long maxSteps) {
    stepsLeft.clear();
    stepSeconds.clear();
    stepsSeen.clear();
    lastStepAt = Optional.empty();
    pauseSeconds = 0;
    pauses = 0;
    for (long step = stepsDone; step < maxSteps; step++) {
      stepsLeft.merge(schedule.countAt(step).numVisionTokens(), 1L, Long::sum);
    }
    stepsAtStart.clear();
    stepsAtStart.putAll(stepsLeft);
  }

  void add(StepMetrics step) {
    int count = step.numVisionTokens();
    stepsLeft.merge(count, -1L, Long::sum);
    int seen = stepsSeen.merge(count, 1, Integer::sum);
    // The first step of a count also compiles its kernels.
    stepSeconds.merge(
        count, step.stepSeconds(), (old, now) -> seen == 2 ? now : OLD * old + (1 - OLD) * now);
    lastStepAt.ifPresent(
        last -> {
          double between = Duration.between(last, step.time()).toNanos() / 1e9;
          pauseSeconds += Math.max(0, between - step.stepSeconds());
          pauses++;
        });
    lastStepAt = Optional.of(step.time());
  }

  /** Nothing until each count was seen twice, or ten steps were done. */
  Optional<Duration> left() {
    boolean settled =
        stepsAtStart.keySet().stream().allMatch(count -> stepsSeen.getOrDefault(count, 0) > 1);
    if (!settled && stepsSeen.values().stream().mapToInt(n -> n).sum() < 10) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofMillis(Math.round(1000 * seconds(stepsLeft))));
  }

  /** Mean seconds of a step over the counts of this attempt, pauses included. */
  double meanStepSeconds() {
    return seconds(stepsAtStart) / stepsAtStart.values().stream().mapToLong(n -> n).sum();
  }

  private double seconds(Map<Integer, Long> steps) {
    double pause = pauses == 0 ? 0 : pauseSeconds / pauses;
    return steps.entrySet().stream()
        .mapToDouble(entry -> entry.getValue() * (secondsAt(entry.getKey()) + pause))
        .sum();
  }

  /** A count that was not seen yet is taken to cost as much a token as the nearest that was. */
  private double secondsAt(int count) {
    Double known = stepSeconds.get(count);
    if (known != null) {
      return known;
    }
    return stepSeconds.entrySet().stream()
        .min(Map.Entry.comparingByKey((a, b) -> Math.abs(a - count) - Math.abs(b - count)))
        .map(nearest -> nearest.getValue() * count / nearest.getKey())
        .orElse(0.0);
  }
}
