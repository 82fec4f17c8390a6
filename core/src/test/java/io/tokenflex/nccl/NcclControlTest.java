package io.tokenflex.nccl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.jna.Pointer;
import io.tokenflex.cuda.CudaStream;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.kernels.DeviceMemory;
import io.tokenflex.testing.FakeNccl;
import io.tokenflex.testing.Ranks;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the other tests rest on: with two mistakes that {@link NcclProcessGroup} does not make, the
 * fake library gives wrong sums, as a GPU would.
 */
class NcclControlTest {
  private static final long LENGTH = 1000;

  /** How a sum is asked for. */
  private enum Order {
    RIGHT,
    WITHOUT_WAITING_FOR_THE_KERNEL,
    WITHOUT_SETTLING
  }

  @BeforeEach
  void nothingGoesWrong() {
    FakeNccl.fault("");
  }

  @Test
  void inTheRightOrderTheSumIsRight() {
    assertThat(lastValues(Order.RIGHT, Duration.ofMillis(300))).containsOnly(3f);
  }

  @Test
  void aSumThatDoesNotWaitForTheKernelIsWrong() {
    assertThat(lastValues(Order.WITHOUT_WAITING_FOR_THE_KERNEL, Duration.ofMillis(1500)))
        .doesNotContain(3f);
  }

  @Test
  void aSumThatIsNotSettledIsReadTooEarly() {
    FakeNccl.fault("connect:1500");
    assertThat(lastValues(Order.WITHOUT_SETTLING, Duration.ZERO)).doesNotContain(3f);
  }

  /** Two ranks whose kernels fill in 1 and 2 after a while; what each then holds. */
  private static List<Float> lastValues(Order order, Duration kernel) {
    return Ranks.run(2, ring -> lastValue(ring, order, kernel));
  }

  private static float lastValue(ProcessGroup ring, Order order, Duration kernel) {
    NcclGpu gpu = FakeNccl.gpu(ring.rank());
    gpu.device().open();
    NcclCommunicator communicator = new NcclCommunicator(gpu);
    byte[] id = ring.allGather(ring.rank() == 0 ? communicator.newUniqueId() : new byte[0]).get(0);
    assertThat(communicator.join(id, ring.rank(), 2)).isEqualTo(Nccl.IN_PROGRESS);
    settle(communicator);
    CudaStream stream = new CudaStream(gpu.device());
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray values = manager.zeros(new Shape(LENGTH));
      Pointer at = DeviceMemory.addressOf(values);
      FakeNccl.fillLater(values, 1 + ring.rank(), kernel);
      if (order != Order.WITHOUT_WAITING_FOR_THE_KERNEL) {
        stream.waitForComputing();
      }
      gpu.nccl()
          .ncclAllReduce(
              at, at, LENGTH, Nccl.FLOAT32, Nccl.SUM, communicator.handle(), stream.handle());
      if (order != Order.WITHOUT_SETTLING) {
        settle(communicator);
      }
      stream.mark();
      while (!stream.isDone()) {
        Thread.onSpinWait();
      }
      float value = values.toFloatArray()[(int) LENGTH - 1];
      settle(communicator); // the memory is freed below: let the library end with it
      stream.mark();
      CudaStream computing = new CudaStream(gpu.device());
      computing.waitForComputing();
      computing.mark();
      while (!stream.isDone() || !computing.isDone()) {
        Thread.onSpinWait();
      }
      computing.close();
      assertThat(communicator.finish(() -> false)).isTrue();
      stream.close();
      return value;
    }
  }

  private static void settle(NcclCommunicator communicator) {
    while (communicator.asyncState() == Nccl.IN_PROGRESS) {
      Thread.onSpinWait();
    }
  }
}
