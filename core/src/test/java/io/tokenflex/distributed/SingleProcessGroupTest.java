package io.tokenflex.distributed;

import io.tokenflex.testing.Ranks.RankTask;
import java.util.List;

class SingleProcessGroupTest extends ProcessGroupContract {
  static List<Integer> worldSizes() {
    return List.of(1);
  }

  @Override
  protected <T> List<T> run(int worldSize, RankTask<T> task) {
    try (ProcessGroup group = new SingleProcessGroup()) {
      return List.of(task.run(group));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
