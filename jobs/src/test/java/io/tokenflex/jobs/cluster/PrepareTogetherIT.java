package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Executors die, two attempts of a task and two runs work at the same time. */
class PrepareTogetherIT extends DisturbedPreparation {
  private static final Pattern SECOND_ATTEMPT = Pattern.compile("Starting task \\d+\\.1 in stage");

  @Test
  void aRunThatLosesAnExecutorAtEitherPointWritesTheSameDataset() throws Exception {
    Path output = folder.resolve("lost-executors");
    Submitted run = submit(prepare(output));
    awaitFilesAt(Point.CHECKING_RECORDS, output, run);
    List<ProcessHandle> executors = executors();
    assertThat(executors).as("one executor on each worker").hasSize(2);
    assertThat(executors.get(0).destroyForcibly()).as("SIGKILL sent").isTrue();
    awaitFilesAt(Point.WRITING_SHARDS, output, run);
    assertThat(executors.get(1).destroyForcibly()).as("SIGKILL sent").isTrue();

    assertThat(
            run.endsWith(0).lines().filter(line -> line.contains("ERROR TaskSchedulerImpl: Lost")))
        .hasSize(2);
    assertSameAsUndisturbed(output);
  }

  @Test
  void ofTwoRunsAtOnceOnePublishesAndTheOtherEndsWithStatusFive() throws Exception {
    Path output = folder.resolve("twice");
    Submitted first = submit(prepare(output).with("cluster.executors=1"));
    first.awaitWhileRunning("the first run's folder", () -> runs(output).size() == 1);
    first.signal("STOP");
    Submitted second = submit(prepare(output).with("cluster.executors=1"));
    second.awaitWhileRunning("the second run's folder", () -> runs(output).size() == 2);
    first.signal("CONT");

    assertThat(List.of(first.exitStatus(), second.exitStatus())).containsExactlyInAnyOrder(0, 5);
    Submitted loser = first.exitStatus() == 5 ? first : second;
    assertThat(loser.log()).contains("was published by another run").contains("Run again");
    assertSameAsUndisturbed(output);
    assertThat(runs(output)).as("the loser's files are gone").hasSize(1);
  }

  @Test
  void aTaskThatRunsTwiceAtOnceChangesNothing() throws Exception {
    Path output = folder.resolve("speculative");
    Submitted run =
        submit(
            prepare(output)
                .withSpark(
                    "spark.speculation=true",
                    "spark.speculation.interval=50ms",
                    "spark.speculation.quantile=0.2",
                    "spark.speculation.multiplier=1.2"));
    awaitFilesAt(Point.CHECKING_RECORDS, output, run);
    ProcessHandle slow = executors().get(1);
    Submitted.signal(slow, "STOP");
    int loggedBefore = run.log().length();
    try {
      // The stopped attempt goes on while this one runs: both write a pack for the same split.
      run.awaitWhileRunning(
          "a second attempt",
          () -> SECOND_ATTEMPT.matcher(run.log().substring(loggedBefore)).find());
    } finally {
      Submitted.signal(slow, "CONT");
    }

    run.endsWith(0);
    assertSameAsUndisturbedBesideLateAttempts(output);
  }
}
