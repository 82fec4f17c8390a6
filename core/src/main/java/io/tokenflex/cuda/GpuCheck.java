package io.tokenflex.cuda;

import com.sun.jna.ptr.IntByReference;
import io.tokenflex.failure.InvalidInputException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Refuses a GPU that PyTorch could not compute on, before anything else is done: with the root
 * cause, which PyTorch and CUDA hide behind others, and with the next move.
 */
public final class GpuCheck {
  /** Compute capability 8.0, times ten. */
  private static final int BF16_CAPABILITY = 80;

  private final Supplier<Path> pyTorch;
  private final Optional<String> libraryPath;

  /**
   * A check of one process.
   *
   * @param pyTorch loads PyTorch and tells from which folder
   * @param libraryPath what PYTORCH_LIBRARY_PATH says
   */
  GpuCheck(Supplier<Path> pyTorch, Optional<String> libraryPath) {
    this.pyTorch = pyTorch;
    this.libraryPath = libraryPath;
  }

  /** A check of this process. */
  public static GpuCheck ofThisProcess() {
    return new GpuCheck(
        PyTorchLibrary::load, Optional.ofNullable(System.getenv(PyTorchLibrary.PATH)));
  }

  /**
   * Returns if PyTorch can compute on a GPU.
   *
   * @param ordinal as CUDA counts GPUs in this process
   * @param needsBf16 whether its products have to be of bf16
   * @throws InvalidInputException if not, with the reason and the next move
   */
  public void check(int ordinal, boolean needsBf16) {
    CudaDevice device = device(ordinal);
    int count = count(device);
    if (ordinal >= count) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Spark gave this rank GPU %d, but CUDA counts %d here; set CUDA_DEVICE_ORDER = PCI_BUS_ID for the executors, and let CUDA_VISIBLE_DEVICES name what Spark's discovery script names%s",
              ordinal,
              count,
              PyTorchLibrary.MANUAL));
    }
    if (needsBf16 && device.capability() < BF16_CAPABILITY) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "GPU %d has compute capability %d.%d, and products of bf16 begin with 8.0; set precision = fp32, or auto",
              ordinal,
              device.capability() / 10,
              device.capability() % 10));
    }
  }

  private CudaDevice device(int ordinal) {
    Path folder = pyTorch.get();
    if (libraryPath.isPresent() && !Path.of(libraryPath.get()).normalize().equals(folder)) {
      throw new InvalidInputException(
          "%s is %s, but PyTorch was loaded from %s: the first holds no libtorch.so, or not one for the executors' flavor; it must be the folder torch/lib that pip installs, not a copy of its files%s"
              .formatted(PyTorchLibrary.PATH, libraryPath.get(), folder, PyTorchLibrary.MANUAL));
    }
    Path library = CudaLibrary.in(folder);
    try {
      return new CudaDevice(library, ordinal);
    } catch (UnsatisfiedLinkError e) {
      throw new InvalidInputException(
          "%s cannot be loaded: %s; the driver's libcuda.so.1 must be on the node and, in a container, handed into it%s"
              .formatted(library, e.getMessage(), PyTorchLibrary.MANUAL),
          e);
    }
  }

  private int count(CudaDevice device) {
    IntByReference count = new IntByReference();
    int result = device.runtime().cudaGetDeviceCount(count);
    if (result != CudaRuntime.SUCCESS) {
      throw new InvalidInputException(
          "CUDA finds no GPU here: %s (%s); nvidia-smi must work on the node and, in a container, inside of it, with a driver for CUDA 12.6 or newer%s"
              .formatted(
                  device.runtime().cudaGetErrorName(result),
                  device.runtime().cudaGetErrorString(result),
                  PyTorchLibrary.MANUAL));
    }
    return count.getValue();
  }
}
