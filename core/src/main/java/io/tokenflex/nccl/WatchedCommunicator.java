package io.tokenflex.nccl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import com.sun.jna.Pointer;
import io.tokenflex.cuda.CudaException;
import io.tokenflex.cuda.CudaStream;
import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.distributed.PeerWatch;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.failure.InvalidInputException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A communicator between GPUs and its stream, with an eye on the peers. What one rank finds broken
 * is broken for all of them.
 *
 * <p>Nothing here blocks in native code: the communicator is non-blocking, waiting is polling, and
 * between two polls the deadline, NCCL's own error, the peers and {@link #close} are looked at.
 * What fails is aborted, which also ends kernels that wait on the GPU.
 */
final class WatchedCommunicator {
  private static final Duration ROLL_CALL = Duration.ofSeconds(1);

  /** How much later than a peer, which has left as it should, a collective may be done here. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private static final long SPIN_NANOS = 200_000;
  private static final long FIRST_PAUSE_NANOS = 20_000;
  private static final long PAUSE_NANOS = 200_000;

  private final ProcessGroup ring;
  private final PeerWatch peers;
  private final NcclGpu gpu;
  private final Duration timeout;

  /** Held for every native call on the communicator: {@link #close} may come from anywhere. */
  private final Object lock = new Object();

  private final NcclCommunicator communicator;
  private CudaStream stream;
  private long started;
  private boolean closed;
  private RuntimeException failure;

  WatchedCommunicator(ProcessGroup ring, PeerWatch peers, NcclGpu gpu, Duration timeout) {
    this.ring = ring;
    this.peers = peers;
    this.gpu = gpu;
    this.timeout = timeout;
    this.communicator = new NcclCommunicator(gpu);
  }

  /**
   * Joins the other ranks; a collective call.
   *
   * @throws InvalidInputException if two ranks have one GPU, or their versions of NCCL differ
   * @throws CollectiveException if a peer does not come in time, or NCCL fails
   */
  void open() {
    gpu.device().open();
    GpuIdentity.checkAll(ring, gpu);
    byte[] id = ring.rank() == 0 ? newUniqueId() : new byte[0];
    byte[] everyonesId = ring.allGather(id).get(0);
    if (everyonesId.length != Nccl.UNIQUE_ID_BYTES) {
      throw broken("joining", "rank 0 could not make an id: see its own failure");
    }
    long deadline = System.nanoTime() + timeout.toNanos();
    int result;
    synchronized (lock) {
      result = communicator.join(everyonesId, ring.rank(), ring.worldSize());
    }
    settle("joining", result, deadline);
    if (communicator.deviceOrdinal() != gpu.device().ordinal()) {
      throw broken("joining", "NCCL sits on device " + communicator.deviceOrdinal());
    }
    stream = new CudaStream(gpu.device());
  }

  /** An empty one if there is none: the others wait for it. */
  private byte[] newUniqueId() {
    try {
      return communicator.newUniqueId();
    } catch (NcclException e) {
      ring.allGather(new byte[0]);
      throw broken("joining", e.getMessage());
    }
  }

  /** NCCL's call on the memory at {@code memory}; returns its result. */
  @FunctionalInterface
  interface Launch {
    int on(Pointer memory, Pointer comm, Pointer stream);
  }

  /**
   * Puts a collective on the stream, after all that was computed so far.
   *
   * @param what its name, for failures
   */
  void start(String what, NDArray values, Launch launch) {
    if (values.getDataType() != DataType.FLOAT32) {
      throw new InvalidInputException(
          "NCCL is given fp32 values here; got " + values.getDataType());
    }
    Pointer at = gpu.memoryOf().of(values);
    long deadline = System.nanoTime() + timeout.toNanos();
    int result;
    synchronized (lock) {
      throwIfBroken(what);
      try {
        stream.waitForComputing();
        result = launch.on(at, communicator.handle(), stream.handle());
      } catch (CudaException e) {
        throw broken(what, e);
      }
      peers.started(++started);
    }
    settle(what, result, deadline);
    synchronized (lock) {
      throwIfBroken(what);
      try {
        stream.mark();
      } catch (CudaException e) {
        throw broken(what, e);
      }
    }
  }

  /**
   * Waits until a call is no longer in progress. From 2.26 on every call on a non-blocking
   * communicator is for a while, in which a thread of NCCL's puts it on the stream: an event that
   * is recorded now would be recorded too early, the next call is refused, and this thread must not
   * end, for the job lies in its thread-local memory.
   */
  private void settle(String what, int first, long deadline) {
    long start = System.nanoTime();
    int result = first;
    while (result == Nccl.IN_PROGRESS) {
      if (System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
      } else {
        pause(what, PAUSE_NANOS);
      }
      synchronized (lock) {
        throwIfBroken(what);
        result = communicator.asyncState();
      }
      if (result == Nccl.IN_PROGRESS && System.nanoTime() > deadline) {
        throw late(what);
      }
    }
    if (result != Nccl.SUCCESS) {
      throw failed(what, result);
    }
  }

  /** Returns when all that was started is done. */
  void finish() {
    long start = System.nanoTime();
    long departed = 0;
    while (!isDone()) {
      long now = System.nanoTime();
      Optional<String> departure = peers.departure();
      if (departure.isPresent()) {
        departed = departed == 0 ? now : departed;
        if (now - departed > FAREWELL.toNanos()) {
          throw broken("collectives", departure.get());
        }
      }
      if (now - start > timeout.toNanos()) {
        throw late("collectives");
      }
      pause("collectives", now - start < 1_000_000 ? FIRST_PAUSE_NANOS : PAUSE_NANOS);
    }
  }

  private void pause(String what, long nanos) {
    LockSupport.parkNanos(nanos);
    if (Thread.currentThread().isInterrupted()) {
      throw broken(
          what, "interrupted", /* isLate= */ false, new InterruptedException("while polling"));
    }
  }

  private boolean isDone() {
    int async;
    synchronized (lock) {
      throwIfBroken("collectives");
      try {
        if (stream.isDone()) {
          return true;
        }
      } catch (CudaException e) {
        throw broken("collectives", e);
      }
      async = communicator.asyncState();
    }
    if (async != Nccl.SUCCESS && async != Nccl.IN_PROGRESS) {
      throw failed("collectives", async);
    }
    return false;
  }

  /** Returns if {@code what} may still be tried. */
  void checkOpen(String what) {
    synchronized (lock) {
      throwIfBroken(what);
    }
  }

  private void throwIfBroken(String what) {
    if (failure != null) {
      throw failure;
    }
    if (closed) {
      throw broken(what, "the group was closed");
    }
    Optional<String> ofPeers = peers.failure();
    if (ofPeers.isPresent()) {
      throw broken(what, ofPeers.get());
    }
  }

  /** The deadline passed; asks the others who keeps it waiting. */
  private RuntimeException late(String what) {
    String who = peers.whoIsLate(ROLL_CALL);
    // Another one whose deadline has passed may have left before it could answer: it has said why.
    return broken(
        what,
        peers.failure().orElse("the deadline of " + timeout + " passed: " + who),
        /* isLate= */ true,
        /* cause= */ null);
  }

  private RuntimeException failed(String what, int result) {
    String why;
    synchronized (lock) {
      throwIfBroken(what);
      why = communicator.describe(result);
    }
    return result == Nccl.UNHANDLED_CUDA_ERROR
        ? broken(what, new CudaException(gpu.device() + ": " + why))
        : broken(what, why);
  }

  private RuntimeException broken(String what, CudaException cause) {
    return broken(what, cause.getMessage(), /* isLate= */ false, cause);
  }

  private RuntimeException broken(String what, String why) {
    return broken(what, why, /* isLate= */ false, /* cause= */ null);
  }

  /** Tells the peers, frees the GPU of kernels that wait, and says what to throw. */
  private RuntimeException broken(String what, String why, boolean isLate, Exception cause) {
    synchronized (lock) {
      if (failure != null) {
        return failure;
      }
      peers.fail(
          peers.failure().isPresent()
              ? why
              : String.format(Locale.ROOT, "rank %d: %s failed: %s", ring.rank(), what, why));
      CudaException stuck = communicator.abort();
      Exception first = stuck == null ? cause : stuck;
      String message =
          String.format(
              Locale.ROOT,
              "Rank %d of %d: %s failed: %s; restart all ranks from the last checkpoint",
              ring.rank(),
              ring.worldSize(),
              what,
              why);
      failure =
          isLate
              ? CollectiveException.late(message, first)
              : new CollectiveException(message, first);
      return failure;
    }
  }

  /** After success together with the others, else, and from another thread, at once. */
  void close() {
    synchronized (lock) {
      if (!closed) {
        closed = true;
        leave();
      }
    }
    peers.close();
  }

  private void leave() {
    if (failure != null || !communicator.isOpen()) {
      return;
    }
    if (stream != null && isIdle() && peers.failure().isEmpty()) {
      if (communicator.finish(() -> peers.failure().isPresent())) {
        stream.close();
      }
    } else {
      broken("collectives", "the group was closed");
    }
  }

  private boolean isIdle() {
    try {
      return stream.isDone();
    } catch (CudaException e) {
      return false;
    }
  }
}
