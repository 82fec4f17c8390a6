package io.tokenflex.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.testing.FakeNccl;
import org.junit.jupiter.api.Test;

class CudaDeviceTest {
  private static CudaDevice device(int ordinal) {
    return new CudaDevice(FakeNccl.library(), ordinal);
  }

  @Test
  void aDeviceTellsWhatItIs() {
    FakeNccl.fault("capability:75");
    CudaDevice.Facts facts = device(2).facts();
    FakeNccl.fault("");
    assertThat(facts)
        .isEqualTo(
            new CudaDevice.Facts(
                "Fake GPU 2 in host memory",
                75,
                "0000:03:00.0",
                70L << 30,
                80L << 30,
                "12.8",
                "12.6"));
  }

  @Test
  void aDeviceThatIsNotThereIsNamedWithCudasOwnWord() {
    assertThatThrownBy(() -> device(12).select())
        .isInstanceOf(CudaException.class)
        .hasMessageStartingWith("GPU 12: cudaSetDevice failed: cudaErrorInvalidDevice");
  }
}
