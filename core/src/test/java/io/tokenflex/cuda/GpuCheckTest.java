package io.tokenflex.cuda;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.testing.FakeNccl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One refusal a test; the library that answers as CUDA does is the fake one. */
class GpuCheckTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingGoesWrongElsewhere() {
    FakeNccl.fault("");
  }

  /** A folder like torch/lib, whose libtorch_cuda.so is the fake library itself. */
  private GpuCheck pyTorchWithCuda() throws IOException {
    Files.createSymbolicLink(folder.resolve("libtorch_cuda.so"), FakeNccl.library());
    return new GpuCheck(() -> folder, Optional.of(folder.toString()));
  }

  private static void assertRefused(GpuCheck check, int ordinal, String... words) {
    assertThatThrownBy(() -> check.check(ordinal, /* needsBf16= */ true))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void aGpuThatIsThereAndMultipliesBf16Passes() throws IOException {
    GpuCheck check = pyTorchWithCuda();
    assertThatCode(() -> check.check(7, /* needsBf16= */ true)).doesNotThrowAnyException();
  }

  @Test
  void librariesForCpusAreNamedWithTheirFolder() {
    assertRefused(
        new GpuCheck(() -> folder, Optional.empty()),
        0,
        "PyTorch was loaded from " + folder,
        "it was built for CPUs",
        "build the job jar with -Pcuda");
  }

  /** DJL falls back to the jar's libraries, or to a download, without a word. */
  @Test
  void aLibraryPathThatWasNotUsedIsNamed() {
    assertRefused(
        new GpuCheck(() -> folder, Optional.of("/opt/torch/lib")),
        0,
        "PYTORCH_LIBRARY_PATH is /opt/torch/lib, but PyTorch was loaded from " + folder,
        "not a copy of its files");
  }

  @Test
  void aLibraryThatDoesNotLoadIsNamed() throws IOException {
    Files.writeString(folder.resolve("libtorch_cuda.so"), "no library");
    assertRefused(
        new GpuCheck(() -> folder, Optional.empty()),
        0,
        "libtorch_cuda.so cannot be loaded: ",
        "the driver's libcuda.so.1");
  }

  @Test
  void aMissingOrOldDriverIsGivenInCudasWords() throws IOException {
    GpuCheck check = pyTorchWithCuda();
    FakeNccl.fault("count:35");
    assertRefused(check, 0, "CUDA finds no GPU here: cudaErrorInsufficientDriver", "nvidia-smi");
  }

  @Test
  void aNumberThatCudaDoesNotCountIsNamed() throws IOException {
    assertRefused(
        pyTorchWithCuda(), 8, "Spark gave this rank GPU 8, but CUDA counts 8", "CUDA_DEVICE_ORDER");
  }

  @Test
  void aGpuWithoutBf16IsRefusedOnlyWhereItIsNeeded() throws IOException {
    GpuCheck check = pyTorchWithCuda();
    FakeNccl.fault("capability:75");
    assertRefused(check, 0, "GPU 0 has compute capability 7.5", "set precision = fp32, or auto");
    assertThatCode(() -> check.check(0, /* needsBf16= */ false)).doesNotThrowAnyException();
  }
}
