package io.tokenflex.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import io.tokenflex.failure.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The chains of causes are those that DJL was seen to throw with the CUDA build of PyTorch. */
class PyTorchLibraryTest {
  private static String refusal(Optional<String> path, Throwable root) {
    EngineException seen =
        new EngineException(
            "Failed to load PyTorch native library", new IllegalStateException("again", root));
    InvalidInputException refusal = PyTorchLibrary.refusal(seen, path);
    assertThat(refusal).hasCause(seen).hasMessageEndingWith("(docs/operations.md, GPUs)");
    return refusal.getMessage();
  }

  @Test
  void itIsLoadedFromAFolderOfLibraries() {
    assertThat(Files.exists(PyTorchLibrary.load().resolve("libtorch.so"))).isTrue();
    assertThat(PyTorchLibrary.version()).startsWith("2.7.1");
  }

  @Test
  void aMissingDriverIsNotTakenForAMissingPyTorch() {
    assertThat(
            refusal(
                Optional.of("/opt/torch/lib"),
                new UnsatisfiedLinkError(
                    "/opt/torch/lib/libcaffe2_nvrtc.so: libcuda.so.1: cannot open shared object file")))
        .contains("libcuda.so.1", "NVIDIA's driver is not on this machine", "nvidia-smi");
  }

  @Test
  void ofACopyOfTheLibrariesTheOneThatIsNotFoundIsNamed() {
    assertThat(
            refusal(
                Optional.of("/copy"),
                new UnsatisfiedLinkError("/copy/libshm.so: libcupti.so.12: cannot open shared")))
        .contains("libcupti.so.12", "not a copy of its files");
  }

  @Test
  void aFlavorWithoutABridgeIsNamed() {
    assertThat(
            refusal(
                Optional.of("/opt/torch/lib"),
                new FileNotFoundException(
                    "Resource not found in classpath: jnilib/linux-x86_64/cu126/libdjl_torch.so")))
        .contains("cu126", "2.7.1 and cu128");
  }

  /** With and without a network. */
  @Test
  void aPyTorchThatIsNowhereIsNotDownloaded() {
    for (IOException cause :
        new IOException[] {
          new IOException("Offline mode is enabled."), new UnknownHostException("publish.example")
        }) {
      EngineException seen =
          new EngineException(
              "Failed to load",
              new IllegalStateException("Failed to save pytorch index file", cause));
      assertThat(PyTorchLibrary.refusal(seen, Optional.empty()))
          .hasMessageContainingAll(
              "neither in the job jar, which was built with -Pcuda",
              "nor at PYTORCH_LIBRARY_PATH, which is not set",
              "for CPUs build without -Pcuda");
      assertThat(PyTorchLibrary.refusal(seen, Optional.of("/nowhere")))
          .hasMessageContaining("nor at PYTORCH_LIBRARY_PATH = /nowhere;");
    }
  }
}
