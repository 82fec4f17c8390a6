package io.tokenflex.nccl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import io.tokenflex.cuda.CudaDevice;
import io.tokenflex.cuda.CudaLibrary;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.kernels.DeviceMemory;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The GPU of a rank and the NCCL that reaches it.
 *
 * @param memoryOf where the memory of an array begins that NCCL may work on
 */
public record NcclGpu(Nccl nccl, CudaDevice device, ArrayMemory memoryOf) {

  /**
   * Where device memory comes from. On a GPU that is PyTorch's tensor on the same device; the tests
   * put a library in NCCL's place that works on host memory, and give it CPU tensors.
   */
  @FunctionalInterface
  public interface ArrayMemory {
    /**
     * The address of an fp32 array.
     *
     * @throws InvalidInputException if NCCL cannot reach it there
     */
    Pointer of(NDArray array);
  }

  /** The GPU that PyTorch calls {@code device}, and the NCCL that PyTorch brings. */
  public static NcclGpu ofPyTorch(Device device) {
    return of(CudaLibrary.ofPyTorch(), device.getDeviceId(), array -> addressOn(device, array));
  }

  /**
   * A GPU of the library at {@code file}.
   *
   * @param ordinal as CUDA counts GPUs in this process
   */
  public static NcclGpu of(Path file, int ordinal, ArrayMemory memoryOf) {
    return new NcclGpu(CudaLibrary.bind(file, Nccl.class), new CudaDevice(file, ordinal), memoryOf);
  }

  static Pointer addressOn(Device device, NDArray array) {
    if (!array.getDevice().equals(device)) {
      throw new InvalidInputException(
          "NCCL works on the memory of %s here; got an array on %s"
              .formatted(device, array.getDevice()));
    }
    return DeviceMemory.addressOf(array);
  }

  /** NCCL's version, as {@code 2.26.2}. */
  public String version() {
    IntByReference number = new IntByReference();
    int result = nccl.ncclGetVersion(number);
    if (result != Nccl.SUCCESS) {
      throw new IllegalStateException("ncclGetVersion returned " + result);
    }
    int version = number.getValue(); // since 2.9: major x 10000 + minor x 100 + patch
    return String.format(
        Locale.ROOT, "%d.%d.%d", version / 10000, version / 100 % 100, version % 100);
  }
}
