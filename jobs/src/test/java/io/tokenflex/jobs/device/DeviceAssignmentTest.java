package io.tokenflex.jobs.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceAssignmentTest {
  private static final List<String> ALL = List.of("GPU-aaaa-1", "GPU-bbbb-2", "GPU-cccc-3");

  /** Visible devices are counted anew by CUDA, in the order of the variable. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | | 0",
        "2 | | 2",
        "GPU-bbbb-2 | | 1",
        "2 | 2,0 | 0",
        "0 | 2,0 | 1",
        "GPU-bbbb-2 | GPU-cccc-3,GPU-bbbb-2 | 1",
        "GPU-bbbb-2 | GPU-c, GPU-b | 1",
        "GPU-cccc-3 | 1,2 | 1",
        "1 | GPU-cccc-3,GPU-bbbb-2 | 1",
        "MIG-7 | MIG-6,MIG-7 | 1"
      })
  void aGpuIsFoundByItsNumberOrItsUuid(String address, String visible, int ordinal) {
    assertThat(DeviceAssignment.ordinal(address, Optional.ofNullable(visible), () -> ALL))
        .isEqualTo(ordinal);
  }

  @Test
  void aTaskHasTheGpuThatSparkGaveItOrNone() {
    assertThat(DeviceAssignment.address(List.of("3"), 1, "node1")).contains("3");
    assertThat(DeviceAssignment.address(List.of(), 0, "node1")).isEmpty();
  }

  /** It would train on the CPU in silence. */
  @Test
  void aTaskWithoutTheGpuThatIsWantedIsRefused() {
    assertThatThrownBy(() -> DeviceAssignment.address(List.of(), 1, "node1"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is 1, but Spark gave this task on node1 no GPU")
        .hasMessageContaining("discoveryScript");
  }

  @Test
  void aTaskWithSeveralGpusIsRefused() {
    assertThatThrownBy(() -> DeviceAssignment.address(List.of("0", "1"), 2, "node1"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("Spark gave this task on node1 2 GPUs [0, 1]")
        .hasMessageContaining("set cluster.gpusPerExecutor = 1");
  }

  @Test
  void aGpuThatNobodyNamesIsRefused() {
    assertThatThrownBy(() -> DeviceAssignment.ordinal("GPU-dddd", Optional.empty(), () -> ALL))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("GPU-dddd, which nvidia-smi does not name");
    assertThatThrownBy(() -> DeviceAssignment.ordinal("1", Optional.of("0,2"), () -> ALL))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("CUDA_VISIBLE_DEVICES = 0,2");
  }
}
