package io.tokenflex.nccl;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.tokenflex.cuda.CudaDevice;
import io.tokenflex.cuda.CudaException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One non-blocking communicator: no call waits inside the library. The caller keeps calls apart, so
 * that {@link #abort} may come from any thread.
 */
final class NcclCommunicator {
  private static final Logger log = LoggerFactory.getLogger(NcclCommunicator.class);
  private static final Duration ABORT_PATIENCE = Duration.ofSeconds(5);
  private static final Duration FINALIZE_PATIENCE = Duration.ofSeconds(10);

  private final Nccl nccl;
  private final CudaDevice device;
  private final IntByReference state = new IntByReference();
  private Pointer comm;

  NcclCommunicator(NcclGpu gpu) {
    this.nccl = gpu.nccl();
    this.device = gpu.device();
  }

  /** The id under which one communicator's ranks meet; one rank asks for it. */
  byte[] newUniqueId() {
    Nccl.UniqueId id = new Nccl.UniqueId();
    int result = nccl.ncclGetUniqueId(id);
    if (result != Nccl.SUCCESS) {
      throw new NcclException(describe(result), result);
    }
    return id.internal;
  }

  /** Begins to join; returns NCCL's result, which is mostly that it is in progress. */
  int join(byte[] id, int rank, int worldSize) {
    PointerByReference handle = new PointerByReference();
    int result =
        nccl.ncclCommInitRankConfig(
            handle, worldSize, new Nccl.UniqueId.ByValue(id), rank, new Nccl.Config());
    comm = handle.getValue(); // at once, so that joining can be aborted
    return result;
  }

  /** The device on which NCCL believes to be. */
  int deviceOrdinal() {
    int result = nccl.ncclCommCuDevice(comm, state);
    if (result != Nccl.SUCCESS) {
      throw new NcclException(describe(result), result);
    }
    return state.getValue();
  }

  /** The handle for a collective's call. */
  Pointer handle() {
    return comm;
  }

  /** What NCCL says about the calls so far: success, in progress, or why they failed. */
  int asyncState() {
    int result = nccl.ncclCommGetAsyncError(comm, state);
    return result == Nccl.SUCCESS ? state.getValue() : result;
  }

  /** A result in NCCL's words. */
  String describe(int result) {
    String last = nccl.ncclGetLastError(comm);
    String text = "NCCL: " + nccl.ncclGetErrorString(result);
    return last == null || last.isEmpty() ? text : text + " (" + last.strip() + ")";
  }

  boolean isOpen() {
    return comm != null;
  }

  /** Ends together with all other ranks; false if they did not come, and then it was aborted. */
  boolean finish(BooleanSupplier isBroken) {
    long deadline = System.nanoTime() + FINALIZE_PATIENCE.toNanos();
    device.select();
    int result = nccl.ncclCommFinalize(comm);
    while (result == Nccl.IN_PROGRESS && System.nanoTime() < deadline && !isBroken.getAsBoolean()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      result = asyncState();
    }
    if (result != Nccl.SUCCESS) {
      abort();
      return false;
    }
    nccl.ncclCommDestroy(comm);
    comm = null;
    return true;
  }

  /**
   * Ends kernels that wait on the GPU and frees the communicator, on a thread of its own: a driver
   * that is stuck must not keep the rank from reporting.
   *
   * @return why this process is of no more use, or null
   */
  CudaException abort() {
    Pointer dying = comm;
    comm = null;
    if (dying == null) {
      return null;
    }
    Thread thread =
        new Thread(
            () -> {
              device.select();
              nccl.ncclCommAbort(dying);
            },
            "nccl-abort");
    thread.setDaemon(true);
    thread.start();
    boolean wasInterrupted = Thread.interrupted(); // a rank that is told to end must abort too
    try {
      thread.join(ABORT_PATIENCE.toMillis());
    } catch (InterruptedException e) {
      wasInterrupted = true;
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (!thread.isAlive()) {
      return null;
    }
    log.error("ncclCommAbort has not returned after {}: this process has to end", ABORT_PATIENCE);
    return new CudaException(
        device
            + ": ncclCommAbort did not return within "
            + ABORT_PATIENCE.toSeconds()
            + " s; the driver is stuck, and this process has to end");
  }
}
