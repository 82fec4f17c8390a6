package io.tokenflex.jobs.train;

import io.tokenflex.jobs.events.RankMessage;
import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.failure.FailureKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the driver heard about the end of one attempt, and the cause among it.
 *
 * <p>When one rank fails, all fail: Spark interrupts them, their connections break, collectives are
 * late. Whichever rank speaks last or loudest, such consequences never hide a cause; among causes
 * the kind that explains most counts, and then the earliest.
 */
final class AttemptReports {
  /** What the driver found out itself. */
  private static final int DRIVER = -1;

  private static final Comparator<RankFailure> BY_EXPLANATION =
      Comparator.comparing(RankFailure::kind).thenComparing(failure -> failure.why().timeMillis());

  private final int number;
  private final List<RankFailure> failures = new ArrayList<>();
  private final Map<Integer, TrainingEvent.Waiting> waiting = new TreeMap<>();

  /** Why an attempt ended. */
  record Verdict(FailureKind kind, String message) {}

  /** What one rank, or the driver, says about the end. */
  private record RankFailure(int rank, TrainingEvent.Failed why) {
    FailureKind kind() {
      return why.kind();
    }
  }

  AttemptReports(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** Takes what concerns the end of this attempt; other events and attempts are passed over. */
  synchronized void accept(RankMessage message) {
    if (message.attempt() != number) {
      return;
    }
    if (message.event() instanceof TrainingEvent.Failed failure) {
      failures.add(new RankFailure(message.rank(), failure));
    } else if (message.event() instanceof TrainingEvent.Waiting wait) {
      if (wait.isOver()) {
        waiting.remove(message.rank());
      } else {
        waiting.put(message.rank(), wait);
      }
    }
  }

  /** The driver itself ends the attempt. */
  synchronized void failedAtDriver(FailureKind kind, String message) {
    long now = System.currentTimeMillis();
    failures.add(new RankFailure(DRIVER, new TrainingEvent.Failed(now, kind, message)));
  }

  /** Whether a failure was reported that is no mere consequence of another. */
  synchronized boolean hasCause() {
    return cause().isPresent();
  }

  private Optional<RankFailure> cause() {
    return failures.stream().min(BY_EXPLANATION).filter(failure -> !failure.kind().isConsequence());
  }

  /** Ranks that wait for something that is not another rank. */
  synchronized Set<Integer> waitingRanks() {
    return new TreeSet<>(waiting.keySet());
  }

  /**
   * Why the attempt ended.
   *
   * @param sparks what Spark says about it: it knows of executors that died without a word
   */
  synchronized Verdict verdict(Exception sparks) {
    Optional<RankFailure> cause = cause();
    if (cause.isPresent()) {
      return verdict(cause.get());
    }
    Optional<Verdict> lost = SparkFailure.lostExecutor(sparks);
    if (lost.isPresent()) {
      return lost.get();
    }
    Optional<RankFailure> consequence = failures.stream().min(BY_EXPLANATION);
    if (consequence.isPresent()) {
      return verdict(consequence.get());
    }
    return new Verdict(FailureKind.of(sparks), SparkFailure.firstLine(sparks));
  }

  private Verdict verdict(RankFailure failure) {
    StringBuilder message = new StringBuilder();
    if (failure.rank() != DRIVER) {
      message.append("rank ").append(failure.rank()).append(": ");
    }
    message.append(failure.why().message());
    if (failure.kind().isConsequence()) {
      waiting.forEach(
          (rank, wait) -> {
            message.append("; rank ").append(rank).append(" has waited ");
            message.append(wait.seconds()).append(" s for ").append(wait.what());
          });
    }
    return new Verdict(failure.kind(), message.toString());
  }
}
