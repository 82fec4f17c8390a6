package io.tokenflex.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.failure.InvalidInputException;
import org.junit.jupiter.api.Test;

class CollectiveTest {
  @Test
  void autoFollowsTheMemoryOfTheRanks() {
    assertThat(Collective.AUTO.isNccl(/* ranksTrainOnGpus= */ true, 2)).isTrue();
    assertThat(Collective.AUTO.isNccl(/* ranksTrainOnGpus= */ false, 2)).isFalse();
    assertThat(Collective.NCCL.isNccl(/* ranksTrainOnGpus= */ true, 2)).isTrue();
    assertThat(Collective.TCP.isNccl(/* ranksTrainOnGpus= */ false, 2)).isFalse();
  }

  @Test
  void ncclIsRefusedOnCpus() {
    assertThatThrownBy(() -> Collective.NCCL.isNccl(/* ranksTrainOnGpus= */ false, 2))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("train.collective is nccl, which sums on GPUs")
        .hasMessageContaining("set train.collective = auto");
  }

  @Test
  void tcpIsRefusedBetweenGpusButOneRankNeedsNeither() {
    assertThatThrownBy(() -> Collective.TCP.isNccl(/* ranksTrainOnGpus= */ true, 4))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("but 4 ranks train on GPUs; set train.collective = auto");
    assertThat(Collective.TCP.isNccl(/* ranksTrainOnGpus= */ true, 1)).isFalse();
  }
}
