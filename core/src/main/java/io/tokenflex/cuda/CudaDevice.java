package io.tokenflex.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.nio.file.Path;
import java.util.Locale;

/** One GPU as this process counts them, and the checks of what CUDA answers about it. */
public final class CudaDevice {
  /** More than any version's {@code cudaDeviceProp}. */
  private static final int PROPERTIES_BYTES = 16 << 10;

  private static final int NAME_BYTES = 256;
  private static final int BUS_ID_BYTES = 32;

  private final CudaRuntime cuda;
  private final int ordinal;

  /**
   * What a GPU is.
   *
   * @param capability compute capability times ten: 80 is 8.0
   * @param busId PCI bus id, which no two GPUs of a machine share
   * @param driver newest CUDA version that the driver knows, as {@code 12.8}
   * @param runtime CUDA version of the runtime library
   */
  public record Facts(
      String name,
      int capability,
      String busId,
      long freeBytes,
      long totalBytes,
      String driver,
      String runtime) {}

  /**
   * A GPU as a library sees it.
   *
   * @param library in which CUDA's runtime is found, such as {@link CudaLibrary#ofPyTorch}
   * @param ordinal as CUDA counts GPUs in this process
   */
  public CudaDevice(Path library, int ordinal) {
    this.cuda = CudaLibrary.bind(library, CudaRuntime.class);
    this.ordinal = ordinal;
  }

  /** The number by which CUDA knows the GPU in this process. */
  public int ordinal() {
    return ordinal;
  }

  CudaRuntime runtime() {
    return cuda;
  }

  /** Makes this the calling thread's device: the first thing in every thread that uses CUDA. */
  public void select() {
    check("cudaSetDevice", cuda.cudaSetDevice(ordinal));
  }

  /** Selects the device and makes its context, which takes memory and some 100 ms once. */
  public void open() {
    select();
    check("making its context", cuda.cudaFree(null));
  }

  /** No two GPUs of a machine have the same. */
  public String busId() {
    byte[] text = new byte[BUS_ID_BYTES];
    check("cudaDeviceGetPCIBusId", cuda.cudaDeviceGetPCIBusId(text, text.length, ordinal));
    return text(text, text.length);
  }

  /** Compute capability times ten: 80 is 8.0, the first with products of bf16. */
  public int capability() {
    return 10 * attribute(CudaRuntime.CAPABILITY_MAJOR) + attribute(CudaRuntime.CAPABILITY_MINOR);
  }

  private int attribute(int attribute) {
    IntByReference value = new IntByReference();
    check("cudaDeviceGetAttribute", cuda.cudaDeviceGetAttribute(value, attribute, ordinal));
    return value.getValue();
  }

  /** Asks for everything; opens the device. */
  public Facts facts() {
    open();
    byte[] properties = new byte[PROPERTIES_BYTES];
    check("cudaGetDeviceProperties", cuda.cudaGetDeviceProperties(properties, ordinal));
    LongByReference free = new LongByReference();
    LongByReference total = new LongByReference();
    check("cudaMemGetInfo", cuda.cudaMemGetInfo(free, total));
    IntByReference driver = new IntByReference();
    check("cudaDriverGetVersion", cuda.cudaDriverGetVersion(driver));
    IntByReference runtime = new IntByReference();
    check("cudaRuntimeGetVersion", cuda.cudaRuntimeGetVersion(runtime));
    return new Facts(
        text(properties, NAME_BYTES),
        capability(),
        busId(),
        free.getValue(),
        total.getValue(),
        version(driver.getValue()),
        version(runtime.getValue()));
  }

  private static String text(byte[] bytes, int maxLength) {
    int length = 0;
    while (length < maxLength && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, UTF_8);
  }

  private static String version(int number) {
    return String.format(Locale.ROOT, "%d.%d", number / 1000, number % 1000 / 10);
  }

  /**
   * Does nothing if a call succeeded.
   *
   * @throws CudaException naming device, call and error
   */
  public void check(String what, int result) {
    if (result != CudaRuntime.SUCCESS) {
      throw new CudaException(
          String.format(
              Locale.ROOT,
              "GPU %d: %s failed: %s (%s)",
              ordinal,
              what,
              cuda.cudaGetErrorName(result),
              cuda.cudaGetErrorString(result)));
    }
  }

  @Override
  public String toString() {
    return "GPU " + ordinal;
  }
}
