package io.tokenflex.cuda;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;

/**
 * A stream beside the one on which PyTorch computes, and two events that order them.
 *
 * <p>PyTorch computes on the legacy default stream: DJL asks for no other, and autograd's threads
 * use that of the forward pass. This stream does not wait for it by itself ({@code
 * cudaStreamNonBlocking}): that would end all overlap.
 */
public final class CudaStream {
  private final CudaDevice device;
  private final CudaRuntime cuda;
  private final Pointer stream;
  private final Pointer ready;
  private final Pointer done;

  /** Opens a stream of a device, which becomes the calling thread's. */
  public CudaStream(CudaDevice device) {
    this.device = device;
    this.cuda = device.runtime();
    device.select();
    PointerByReference made = new PointerByReference();
    device.check(
        "making a stream", cuda.cudaStreamCreateWithFlags(made, CudaRuntime.STREAM_NON_BLOCKING));
    this.stream = made.getValue();
    this.ready = newEvent();
    this.done = newEvent();
  }

  private Pointer newEvent() {
    PointerByReference made = new PointerByReference();
    device.check(
        "making an event", cuda.cudaEventCreateWithFlags(made, CudaRuntime.EVENT_DISABLE_TIMING));
    return made.getValue();
  }

  public Pointer handle() {
    return stream;
  }

  /** What follows on this stream comes after all that was put on the compute stream so far. */
  public void waitForComputing() {
    device.select();
    device.check("cudaEventRecord", cuda.cudaEventRecord(ready, null));
    device.check("cudaStreamWaitEvent", cuda.cudaStreamWaitEvent(stream, ready, 0));
  }

  /** What is on the stream so far is what {@link #isDone} asks about. */
  public void mark() {
    device.check("cudaEventRecord", cuda.cudaEventRecord(done, stream));
  }

  /**
   * Whether the stream has reached the last {@link #mark}; true before the first one.
   *
   * @throws CudaException if the device has failed
   */
  public boolean isDone() {
    int result = cuda.cudaEventQuery(done);
    if (result == CudaRuntime.NOT_READY) {
      return false;
    }
    device.check("a collective", result);
    return true;
  }

  /** Frees the stream, on which nothing may be under way. */
  public void close() {
    cuda.cudaEventDestroy(ready);
    cuda.cudaEventDestroy(done);
    cuda.cudaStreamDestroy(stream);
  }
}
