package io.tokenflex.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.testing.Ranks;
import java.util.List;
import org.junit.jupiter.api.Test;

class SumCheckTest {
  @Test
  void aGroupThatAddsUpIsTimed() {
    List<Double> seconds =
        Ranks.run(
            2,
            group -> {
              try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                return SumCheck.seconds(group, manager, 300_000);
              }
            });
    assertThat(seconds).allSatisfy(time -> assertThat(time).isPositive());
  }

  /** Says that it is one of two, and adds nothing. */
  private static final class Forgetful implements ProcessGroup {
    @Override
    public int rank() {
      return 1;
    }

    @Override
    public int worldSize() {
      return 2;
    }

    @Override
    public void startAllReduceSum(NDArray values) {}

    @Override
    public void finish() {}

    @Override
    public void broadcast(NDArray values) {}

    @Override
    public List<byte[]> allGather(byte[] message) {
      return List.of(message, message);
    }

    @Override
    public void close() {}
  }

  @Test
  void aWrongSumIsAFailure() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      assertThatThrownBy(() -> SumCheck.seconds(new Forgetful(), manager, 10))
          .isInstanceOf(CollectiveException.class)
          .hasMessageStartingWith("Rank 1 of 2: ones were summed to 1 where 2 was expected");
    }
  }
}
