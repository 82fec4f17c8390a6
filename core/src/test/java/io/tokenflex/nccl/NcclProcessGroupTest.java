package io.tokenflex.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.ProcessGroupContract;
import io.tokenflex.distributed.SumCheck;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.testing.FakeNccl;
import io.tokenflex.testing.InMemoryRendezvous;
import io.tokenflex.testing.Ranks;
import io.tokenflex.testing.Ranks.RankTask;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On the fake library: host memory stands for device memory. */
class NcclProcessGroupTest extends ProcessGroupContract {
  /** Much longer than a launch takes on a busy machine. */
  private static final Duration KERNEL = Duration.ofMillis(1500);

  static List<Integer> worldSizes() {
    return List.of(2, 3, 4);
  }

  @BeforeEach
  void nothingGoesWrong() {
    FakeNccl.fault("");
  }

  @Override
  protected <T> List<T> run(int worldSize, RankTask<T> task) {
    return Ranks.run(
        new InMemoryRendezvous(worldSize).ranks(),
        rank -> FakeNccl.join(rank, Ranks.TIMEOUT),
        task);
  }

  private static NcclProcessGroup nccl(ProcessGroup group) {
    return (NcclProcessGroup) group;
  }

  /** Of 3 values in each part: value i is rank x 100 + i. */
  private static NDArray numbers(NDManager manager, ProcessGroup group) {
    int length = 3 * group.worldSize();
    float[] values = new float[length];
    IntStream.range(0, length).forEach(i -> values[i] = group.rank() * 100 + i);
    return manager.create(values);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void reduceScatterLeavesTheSumOfItsPartWithEveryRank(int worldSize) {
    List<float[]> parts =
        run(
            worldSize,
            group -> {
              try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                NDArray values = numbers(manager, group);
                nccl(group).startReduceScatterSum(values);
                group.finish();
                int start = 3 * group.rank();
                return Arrays.copyOfRange(values.toFloatArray(), start, start + 3);
              }
            });
    int ofRanks = 100 * worldSize * (worldSize - 1) / 2;
    for (int rank = 0; rank < worldSize; rank++) {
      for (int i = 0; i < 3; i++) {
        assertThat(parts.get(rank)[i])
            .as("rank %d, value %d", rank, i)
            .isEqualTo(ofRanks + worldSize * (3 * rank + i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void allGatherGivesEveryRankThePartsOfAll(int worldSize) {
    List<float[]> byRank =
        run(
            worldSize,
            group -> {
              try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                NDArray values = numbers(manager, group);
                nccl(group).startAllGather(values);
                group.finish();
                return values.toFloatArray();
              }
            });
    float[] expected = new float[3 * worldSize];
    IntStream.range(0, expected.length).forEach(i -> expected[i] = i / 3 * 100 + i);
    assertThat(byRank).allSatisfy(values -> assertThat(values).isEqualTo(expected));
  }

  /** The kernel that makes the values is still running when the group is told of them. */
  @Test
  void aSumWaitsForTheKernelThatMakesItsValuesAndStartingItDoesNot() {
    List<Duration> starting =
        run(
            2,
            group -> {
              try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                NDArray gradient = manager.zeros(new Shape(1000));
                group.allReduceSum(gradient); // opens the connections
                FakeNccl.fillLater(gradient, 1 + group.rank(), KERNEL);
                long start = System.nanoTime();
                group.startAllReduceSum(gradient);
                Duration started = Duration.ofNanos(System.nanoTime() - start);
                group.finish();
                assertThat(gradient.toFloatArray()).containsOnly(3);
                return started;
              }
            });
    assertThat(starting).allSatisfy(time -> assertThat(time).isLessThan(KERNEL));
  }

  @Test
  void theFirstSumChecksThatNcclCanAddUp() {
    List<Double> seconds =
        run(
            2,
            group -> {
              try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                return SumCheck.seconds(group, manager, 300_000);
              }
            });
    assertThat(seconds).allSatisfy(time -> assertThat(time).isPositive());
  }

  @Test
  void whatNcclCannotTakeIsRefusedBeforeItIsStarted() {
    List<String> refusals =
        run(
            2,
            group -> {
              try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                return refusalOf(
                        () -> group.startAllReduceSum(manager.zeros(new Shape(2), DataType.INT64)))
                    + "; "
                    + refusalOf(() -> nccl(group).startAllGather(manager.zeros(new Shape(3))));
              }
            });
    assertThat(refusals)
        .containsOnly(
            "NCCL is given fp32 values here; got int64; "
                + "3 values cannot be cut into 2 equal parts; pad them");
  }

  private static String refusalOf(Runnable call) {
    try {
      call.run();
      return "none";
    } catch (InvalidInputException e) {
      return e.getMessage();
    }
  }

  /** Of a real GPU: the seam that the fake replaces. */
  @Test
  void arraysOfAnotherDeviceAreRefused() {
    NcclGpu.ArrayMemory ofGpu = array -> NcclGpu.addressOn(Device.gpu(1), array);
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      assertThatThrownBy(() -> ofGpu.of(manager.ones(new Shape(2))))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("NCCL works on the memory of gpu(1) here; got an array on cpu()");
    }
  }

  /** PyTorch's library for CPUs holds no NCCL. */
  @Test
  void aGpuIsRefusedWherePyTorchWasBuiltForCpus() {
    assertThatThrownBy(() -> NcclGpu.ofPyTorch(Device.gpu(0)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("holds no libtorch_cuda.so: it was built for CPUs")
        .hasMessageContaining("build the job jar with -Pcuda")
        .hasMessageContaining("PYTORCH_LIBRARY_PATH");
  }

  @Test
  void theVersionIsReadAsPeopleWriteIt() {
    assertThat(FakeNccl.gpu(0).version()).isEqualTo("2.26.2");
  }
}
