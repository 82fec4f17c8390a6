package io.tokenflex.nccl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.testing.FakeNccl;
import io.tokenflex.testing.PlayedGroup;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GpuIdentityTest {
  @BeforeEach
  void nothingGoesWrong() {
    FakeNccl.fault("");
  }

  /** Compares GPU 3 of the library with that of another rank. */
  private static void check(String machine, String busId, String ncclVersion) {
    byte[] other = String.join("\n", machine, "node2", busId, ncclVersion, "false").getBytes(UTF_8);
    GpuIdentity.checkAll(new PlayedGroup(0, List.of(other)), FakeNccl.gpu(3));
  }

  /** Bus ids are counted anew on every machine. */
  @Test
  void theSameBusIdOnTwoMachinesIsTwoGpus() {
    assertThatCode(() -> check("another boot id", "0000:04:00.0", "2.26.2"))
        .doesNotThrowAnyException();
  }

  @Test
  void versionsThatDifferAreRefusedWithTheirRanks() {
    assertThatThrownBy(() -> check("another boot id", "0000:04:00.0", "2.25.1"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("NCCL is 2.26.2 on rank 0 (")
        .hasMessageEndingWith(
            ") and 2.25.1 on rank 1 (node2); install the same PyTorch on all nodes");
  }
}
