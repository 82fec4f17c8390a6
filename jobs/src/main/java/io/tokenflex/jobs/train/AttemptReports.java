package io.tokenflex.jobs.train;

import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.jobs.failure.Failures;
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

  private static final Comparator<RankReport.Failed> BY_EXPLANATION =
      Comparator.comparing(RankReport.Failed::kind).thenComparing(RankReport.Failed::timeMillis);

  private final int number;
  private final List<RankReport.Failed> failures = new ArrayList<>();
  private final Map<Integer, RankReport.Waiting> waiting = new TreeMap<>();

  /** Why an attempt ended. */
  record Verdict(FailureKind kind, String message) {}

  AttemptReports(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  synchronized void failed(RankReport.Failed failure) {
    failures.add(failure);
  }

  /** The driver itself ends the attempt. */
  synchronized void failedAtDriver(FailureKind kind, String message) {
    failures.add(new RankReport.Failed(DRIVER, System.currentTimeMillis(), kind, message));
  }

  synchronized void waiting(RankReport.Waiting rank) {
    if (rank.isOver()) {
      waiting.remove(rank.rank());
    } else {
      waiting.put(rank.rank(), rank);
    }
  }

  /** The failure that explains the others, if one was reported that is no mere consequence. */
  synchronized Optional<RankReport.Failed> cause() {
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
    Optional<RankReport.Failed> cause = cause();
    if (cause.isPresent()) {
      return verdict(cause.get());
    }
    Optional<Verdict> lost = SparkFailure.lostExecutor(sparks);
    if (lost.isPresent()) {
      return lost.get();
    }
    Optional<RankReport.Failed> consequence = failures.stream().min(BY_EXPLANATION);
    if (consequence.isPresent()) {
      return verdict(consequence.get());
    }
    return new Verdict(FailureKind.of(sparks), SparkFailure.firstLine(sparks));
  }

  private Verdict verdict(RankReport.Failed failure) {
    StringBuilder message = new StringBuilder();
    if (failure.rank() != DRIVER) {
      message.append("rank ").append(failure.rank()).append(": ");
    }
    message.append(failure.message());
    if (failure.kind().isConsequence()) {
      for (RankReport.Waiting rank : waiting.values()) {
        message.append("; rank ").append(rank.rank()).append(" has waited ");
        message.append(rank.seconds()).append(" s for ").append(rank.what());
      }
    }
    return new Verdict(failure.kind(), message.toString());
  }

  /** As a rank reports it. */
  static RankReport.Failed failureOf(int rank, Throwable failure, boolean isKilled) {
    FailureKind kind = FailureKind.of(failure);
    // A task that Spark has told to end fails in any way; only what cannot follow from that counts.
    boolean isCause = kind.isFinal() || kind == FailureKind.MEMORY || kind == FailureKind.GPU;
    return new RankReport.Failed(
        rank,
        System.currentTimeMillis(),
        isKilled && !isCause ? FailureKind.INTERRUPTED : kind,
        Failures.inOneLine(failure));
  }
}
