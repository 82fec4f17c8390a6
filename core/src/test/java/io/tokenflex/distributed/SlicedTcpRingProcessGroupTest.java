package io.tokenflex.distributed;

import io.tokenflex.testing.InMemoryRendezvous;
import io.tokenflex.testing.Ranks;
import io.tokenflex.testing.Ranks.RankTask;
import java.util.List;

/** Values longer than a Java buffer, with buffers so short that small values do. */
class SlicedTcpRingProcessGroupTest extends ProcessGroupContract {
  private static final int MAX_BUFFER_BYTES = 4096;

  static List<Integer> worldSizes() {
    return List.of(2, 3);
  }

  @Override
  protected <T> List<T> run(int worldSize, RankTask<T> task) {
    return Ranks.run(
        new InMemoryRendezvous(worldSize).ranks(),
        rank -> TcpRingProcessGroup.join(rank, "127.0.0.1", 0, Ranks.TIMEOUT, MAX_BUFFER_BYTES),
        task);
  }
}
