package io.tokenflex.nccl;

import ai.djl.ndarray.NDArray;
import com.sun.jna.Pointer;
import io.tokenflex.cuda.CudaException;
import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.distributed.PeerWatch;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.Rendezvous;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.distributed.TcpRingProcessGroup;
import io.tokenflex.failure.InvalidInputException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Collectives between GPUs, one per rank, on a stream of their own. Messages go over a TCP ring
 * beneath.
 *
 * <p>The host waits in {@link #finish}, once a step. So no kernel has to wait for the sums, and a
 * failure is noticed before a wrong sum is used.
 */
public final class NcclProcessGroup implements ProcessGroup {
  private final ProcessGroup ring;
  private final Nccl nccl;
  private final WatchedCommunicator communicator;

  private NcclProcessGroup(ProcessGroup ring, PeerWatch peers, NcclGpu gpu, Duration timeout) {
    this.ring = ring;
    this.nccl = gpu.nccl();
    this.communicator = new WatchedCommunicator(ring, peers, gpu, timeout);
  }

  /**
   * Joins the group of all ranks that meet at {@code rendezvous}; a group of one needs no NCCL.
   *
   * @param host the address under which other ranks reach this one
   * @param port to listen on while joining; 0 lets the system choose
   * @param timeout of joining and of every collective
   * @throws InvalidInputException if two ranks have one GPU, or their versions of NCCL differ
   * @throws CollectiveException if a peer cannot be reached in time, or NCCL fails
   * @throws CudaException if the GPU does
   */
  public static ProcessGroup join(
      Rendezvous rendezvous, String host, int port, Duration timeout, NcclGpu gpu) {
    if (rendezvous.worldSize() == 1) {
      return new SingleProcessGroup();
    }
    ProcessGroup ring = TcpRingProcessGroup.join(rendezvous, host, port, timeout);
    PeerWatch peers;
    try {
      peers = PeerWatch.open((TcpRingProcessGroup) ring, host, port, timeout);
    } catch (RuntimeException e) {
      ring.close();
      throw e;
    }
    NcclProcessGroup group = new NcclProcessGroup(ring, peers, gpu, timeout);
    try {
      group.communicator.open();
      return group;
    } catch (RuntimeException e) {
      group.close();
      throw e;
    }
  }

  @Override
  public int rank() {
    return ring.rank();
  }

  @Override
  public int worldSize() {
    return ring.worldSize();
  }

  @Override
  public void startAllReduceSum(NDArray values) {
    communicator.start(
        "all-reduce",
        values,
        (at, comm, on) ->
            nccl.ncclAllReduce(at, at, values.size(), Nccl.FLOAT32, Nccl.SUM, comm, on));
  }

  /**
   * Starts to sum over all ranks; of rank r, part r of {@code values} becomes the sum, the rest is
   * of no use then.
   *
   * @param values fp32, contiguous, of worldSize equal parts
   */
  public void startReduceScatterSum(NDArray values) {
    long perRank = partOf(values);
    communicator.start(
        "reduce-scatter",
        values,
        (at, comm, on) ->
            nccl.ncclReduceScatter(
                at, part(at, perRank), perRank, Nccl.FLOAT32, Nccl.SUM, comm, on));
  }

  /**
   * Starts to copy part r of rank r's {@code values} into those of all ranks.
   *
   * @param values fp32, contiguous, of worldSize equal parts
   */
  public void startAllGather(NDArray values) {
    long perRank = partOf(values);
    communicator.start(
        "all-gather",
        values,
        (at, comm, on) ->
            nccl.ncclAllGather(part(at, perRank), at, perRank, Nccl.FLOAT32, comm, on));
  }

  private long partOf(NDArray values) {
    if (values.size() % worldSize() != 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d values cannot be cut into %d equal parts; pad them",
              values.size(),
              worldSize()));
    }
    return values.size() / worldSize();
  }

  private Pointer part(Pointer at, long perRank) {
    return at.share(rank() * perRank * Float.BYTES);
  }

  @Override
  public void broadcast(NDArray values) {
    communicator.start(
        "broadcast",
        values,
        (at, comm, on) -> nccl.ncclBroadcast(at, at, values.size(), Nccl.FLOAT32, 0, comm, on));
    finish();
  }

  @Override
  public void finish() {
    communicator.finish();
  }

  @Override
  public List<byte[]> allGather(byte[] message) {
    communicator.checkOpen("gathering messages");
    return ring.allGather(message);
  }

  /** After success together with the others, else, and from another thread, at once. */
  @Override
  public void close() {
    communicator.close();
    ring.close();
  }
}
