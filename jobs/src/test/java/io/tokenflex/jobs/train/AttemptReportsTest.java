package io.tokenflex.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.jobs.events.RankMessage;
import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.jobs.train.AttemptReports.Verdict;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttemptReportsTest {
  private final Exception sparks =
      new IllegalStateException(
          "Job aborted due to stage failure: Could not recover from a failed barrier ResultStage."
              + " Most recent failure reason: Stage failed because barrier task ResultTask(1, 0)"
              + " finished unsuccessfully.\nsomething");

  private static RankMessage failed(int rank, long time, FailureKind kind) {
    return new RankMessage(
        1, rank, new TrainingEvent.Failed(time, kind, kind + " of rank " + rank));
  }

  private static RankMessage waiting(int rank, String what, long seconds, boolean isOver) {
    return new RankMessage(1, rank, new TrainingEvent.Waiting(what, seconds, isOver));
  }

  /** Whoever speaks last or loudest: every order of the same reports has the same cause. */
  @ParameterizedTest
  @EnumSource
  void consequencesNeverReplaceACause(FailureKind kind) {
    if (kind.isConsequence()) {
      return;
    }
    List<RankMessage> reports = new ArrayList<>();
    reports.add(failed(2, 50, kind));
    reports.add(failed(3, 60, kind));
    reports.add(failed(0, 10, FailureKind.PEER_LOST));
    reports.add(failed(1, 20, FailureKind.PEER_LATE));
    reports.add(failed(4, 30, FailureKind.INTERRUPTED));
    reports.add(failed(5, 90, FailureKind.PEER_LOST));
    for (int seed = 0; seed < 50; seed++) {
      Collections.shuffle(reports, new Random(seed));
      AttemptReports attempt = new AttemptReports(1);
      reports.forEach(attempt::accept);
      assertThat(attempt.verdict(sparks))
          .as("seed " + seed)
          .isEqualTo(new Verdict(kind, "rank 2: " + kind + " of rank 2"));
    }
  }

  @Test
  void aFailureOfAnEarlierAttemptExplainsNothing() {
    AttemptReports attempt = new AttemptReports(2);
    attempt.accept(failed(0, 1, FailureKind.DATA));
    attempt.accept(waiting(1, "shard x", 5, /* isOver= */ false));
    assertThat(attempt.hasCause()).isFalse();
    assertThat(attempt.waitingRanks()).isEmpty();
  }

  @Test
  void damageExplainsMoreThanTheFailedReadThatAnotherRankSawFirst() {
    AttemptReports attempt = new AttemptReports(1);
    attempt.accept(failed(0, 1, FailureKind.ENVIRONMENT));
    attempt.accept(failed(1, 2, FailureKind.DATA));
    assertThat(attempt.verdict(sparks).kind()).isEqualTo(FailureKind.DATA);
  }

  @Test
  void aLostExecutorExplainsTheBrokenConnectionsOfTheOthers() {
    AttemptReports attempt = new AttemptReports(1);
    attempt.accept(failed(0, 1, FailureKind.PEER_LOST));
    Exception lost =
        new IllegalStateException(
            sparks.getMessage()
                + "\nExecutorLostFailure (executor 3 exited caused by one of the running tasks)"
                + " Reason: Command exited with code 52\n");
    assertThat(attempt.verdict(lost))
        .isEqualTo(
            new Verdict(FailureKind.MEMORY, "executor 3 was lost: Command exited with code 52"));
    Exception killed = new IllegalStateException(lost.getMessage().replace("code 52", "code 137"));
    assertThat(attempt.verdict(killed).kind()).isEqualTo(FailureKind.ENVIRONMENT);
    assertThat(attempt.verdict(killed).message()).contains("spark.executor.memoryOverhead");
  }

  @Test
  void whoWaitsForWhatIsSaidBesideTheLateCollective() {
    AttemptReports attempt = new AttemptReports(1);
    attempt.accept(waiting(0, "something that came", 3, /* isOver= */ false));
    attempt.accept(waiting(0, "something that came", 4, /* isOver= */ true));
    attempt.accept(waiting(1, "shard x", 5, /* isOver= */ false));
    attempt.accept(failed(0, 1, FailureKind.PEER_LATE));
    assertThat(attempt.verdict(sparks).message())
        .isEqualTo("rank 0: PEER_LATE of rank 0; rank 1 has waited 5 s for shard x");
    assertThat(attempt.waitingRanks()).containsExactly(1);
  }

  @Test
  void withoutAWordOfTheRanksSparksCounts() {
    assertThat(new AttemptReports(1).verdict(sparks).message())
        .isEqualTo("Stage failed because barrier task ResultTask(1, 0) finished unsuccessfully.");
  }

  @Test
  void aTaskThatSparkIsKillingReportsItsConsequencesAsSuch() {
    IOException broken = new IOException("Filesystem closed");
    assertThat(TrainingEvent.Failed.now(broken, /* isKilled= */ true).kind())
        .isEqualTo(FailureKind.INTERRUPTED);
    assertThat(TrainingEvent.Failed.now(broken, /* isKilled= */ false).kind())
        .isEqualTo(FailureKind.FILE);
    Exception damaged = new DamagedDataException("shard");
    assertThat(TrainingEvent.Failed.now(damaged, /* isKilled= */ true).kind())
        .isEqualTo(FailureKind.DATA);
    Exception closed = new CollectiveException("x", new EOFException("was closed"));
    assertThat(TrainingEvent.Failed.now(closed, /* isKilled= */ false).kind())
        .isEqualTo(FailureKind.PEER_LOST);
  }
}
