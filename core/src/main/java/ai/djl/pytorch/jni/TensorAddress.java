package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtNDArray;
import java.nio.ByteBuffer;

/**
 * Where a contiguous tensor's memory begins, on its own device.
 *
 * <p>DJL's native {@code torchDirectByteBuffer} wraps {@code data_ptr()} whatever the device is;
 * {@code NDArray.toByteBuffer} copies to the host first. It lives in DJL's package because {@code
 * PyTorchLibrary} is package-private there.
 */
public final class TensorAddress {
  private TensorAddress() {}

  /**
   * A buffer that begins where the tensor does. Of a CUDA tensor it must never be read or written:
   * its address is of the device's memory.
   *
   * @param contiguous of at most 2^31 - 1 bytes
   */
  public static ByteBuffer of(PtNDArray contiguous) {
    return PyTorchLibrary.LIB.torchDirectByteBuffer(contiguous.getHandle());
  }
}
