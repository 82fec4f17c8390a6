package io.tokenflex.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.testing.Ranks;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SharedWorkTest {
  private static final Duration COLLECTIVE = Duration.ofSeconds(3);
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static byte[] pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new byte[0];
  }

  /** What every rank's work ended with: its messages, or its failure. */
  private static List<String> run(Duration collective, Duration limit, SharedWorkOf work) {
    return Ranks.run(
        2,
        collective,
        group -> {
          try {
            List<byte[]> all =
                new SharedWork(group, limit, "train.checkpointTimeout")
                    .run("writing checkpoint x", () -> work.run(group.rank()));
            return all.stream().map(bytes -> bytes.length + "").toList().toString();
          } catch (IOException | CollectiveException e) {
            return e.getClass().getSimpleName() + ": " + e.getMessage();
          }
        });
  }

  private interface SharedWorkOf {
    byte[] run(int rank) throws IOException;
  }

  @Test
  void everyRankGetsEveryMessage() {
    assertThat(run(COLLECTIVE, LIMIT, rank -> new byte[rank + 3]))
        .containsExactly("[3, 4]", "[3, 4]");
  }

  @Test
  void workMayTakeLongerThanACollective() {
    assertThat(run(COLLECTIVE, LIMIT, rank -> rank == 0 ? pause(4000) : new byte[0]))
        .containsExactly("[0, 0]", "[0, 0]");
  }

  @Test
  void workThatWaitsForWhatAnotherRankDoesEndsWhenThatOneFails() {
    List<String> outcomes =
        Ranks.run(
            2,
            group -> {
              SharedWork work = new SharedWork(group, LIMIT, "train.checkpointTimeout");
              try {
                work.run(
                    "writing checkpoint x",
                    () -> {
                      if (group.rank() == 1) {
                        throw new IOException("no space");
                      }
                      while (true) {
                        pause(1);
                        work.checkPeers();
                      }
                    });
                return "done";
              } catch (IOException | CollectiveException e) {
                return e.getMessage();
              }
            });
    assertThat(outcomes)
        .containsExactly("Rank 1 failed while writing checkpoint x: no space", "no space");
  }

  @Test
  void aFailureOfOneRankEndsAllAndIsToldByName() {
    List<String> outcomes =
        run(
            Ranks.TIMEOUT,
            LIMIT,
            rank -> {
              if (rank == 1) {
                throw new IOException("no space");
              }
              return new byte[0];
            });
    assertThat(outcomes)
        .containsExactly(
            "CollectiveException: Rank 1 failed while writing checkpoint x: no space",
            "IOException: no space");
  }

  @Test
  void workBeyondItsLimitNamesTheRankAndTheSetting() {
    List<String> outcomes =
        run(Ranks.TIMEOUT, Duration.ofMillis(200), rank -> rank == 0 ? pause(1500) : new byte[0]);
    assertThat(outcomes)
        .allSatisfy(
            outcome ->
                assertThat(outcome)
                    .startsWith("CollectiveException: Rank 0 failed while writing checkpoint x")
                    .contains("longer than train.checkpointTimeout = PT0.2S; raise it"));
  }

  @Test
  void aDeadRankIsNoticedWhileAnotherOneWorks() {
    assertThatThrownBy(
            () ->
                Ranks.run(
                    2,
                    COLLECTIVE,
                    group ->
                        group.rank() == 1
                            ? pause(0)
                            : new SharedWork(group, LIMIT, "s")
                                .run("writing checkpoint x", () -> pause(1000))))
        .isInstanceOf(CollectiveException.class)
        .hasMessageStartingWith("While writing checkpoint x: Rank 0 of 2");
  }

  @Test
  void oneRankAloneJustWorks() throws IOException {
    SharedWork work = new SharedWork(new SingleProcessGroup(), LIMIT, "s");
    assertThat(work.run("x", () -> new byte[7]).get(0)).hasSize(7);
    assertThatThrownBy(
            () ->
                work.run(
                    "x",
                    () -> {
                      throw new IOException("no space");
                    }))
        .hasMessage("no space");
  }
}
