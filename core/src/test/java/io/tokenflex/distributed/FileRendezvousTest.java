package io.tokenflex.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.testing.Ranks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRendezvousTest {
  @TempDir private Path folder;

  private FileRendezvous rank(int rank, int worldSize, Duration timeout) {
    return new FileRendezvous(folder.resolve("meeting"), rank, worldSize, timeout);
  }

  @Test
  void ranksThatShareAFolderJoinARing() {
    List<Rendezvous> ranks =
        IntStream.range(0, 3).<Rendezvous>mapToObj(i -> rank(i, 3, Ranks.TIMEOUT)).toList();
    List<List<byte[]>> gathered =
        Ranks.run(ranks, Ranks.TIMEOUT, group -> group.allGather(new byte[] {(byte) group.rank()}));
    assertThat(gathered)
        .hasSize(3)
        .allSatisfy(
            messages ->
                assertThat(messages)
                    .containsExactly(new byte[] {0}, new byte[] {1}, new byte[] {2}));
  }

  @Test
  void aRankThatNeverComesIsNamed() {
    assertThatThrownBy(() -> rank(0, 2, Duration.ofMillis(20)).exchange("here"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Rank 0 of 2 waited PT0.02S for rank 1 to write ")
        .hasMessageEndingWith("; see whether that process started");
  }

  @Test
  void aUsedFolderIsRefused() {
    rank(0, 1, Ranks.TIMEOUT).exchange("here");
    assertThatThrownBy(() -> rank(0, 1, Ranks.TIMEOUT).exchange("again"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("give each group a fresh folder");
  }
}
