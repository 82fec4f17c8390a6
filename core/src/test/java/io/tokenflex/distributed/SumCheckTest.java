package io.tokenflex.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.tokenflex.testing.PlayedGroup;
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

  @Test
  void aWrongSumIsAFailure() {
    ProcessGroup idle = new PlayedGroup(1, List.of(new byte[0]));
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      assertThatThrownBy(() -> SumCheck.seconds(idle, manager, 10))
          .isInstanceOf(CollectiveException.class)
          .hasMessageStartingWith("Rank 1 of 2: ones were summed to 1 where 2 was expected");
    }
  }
}
