package io.tokenflex.nccl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.testing.FakeNccl;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GpuIdentityTest {
  @BeforeEach
  void nothingGoesWrong() {
    FakeNccl.fault("");
  }

  /** Rank 0 of two; the other one says what a test lets it say. */
  private record Beside(GpuIdentity other) implements ProcessGroup {
    @Override
    public int rank() {
      return 0;
    }

    @Override
    public int worldSize() {
      return 2;
    }

    @Override
    public List<byte[]> allGather(byte[] message) {
      return List.of(
          message,
          String.join("\n", other.machine(), other.host(), other.busId(), other.ncclVersion())
              .getBytes(UTF_8));
    }

    @Override
    public void startAllReduceSum(NDArray values) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void finish() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void broadcast(NDArray values) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  private static void check(String machine, String busId, String ncclVersion) {
    GpuIdentity.checkAll(
        new Beside(new GpuIdentity(machine, "node2", busId, ncclVersion)), FakeNccl.gpu(3));
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
