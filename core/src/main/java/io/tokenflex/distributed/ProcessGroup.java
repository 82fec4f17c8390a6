package io.tokenflex.distributed;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * The ranks of one training run and the collectives between them.
 *
 * <p>Every rank calls the same collectives in the same order, from one thread at a time. Each call
 * has a deadline; a failed call throws {@link CollectiveException} naming the rank waited for, and
 * leaves the group unusable.
 */
public interface ProcessGroup extends AutoCloseable {
  /** This process, 0 to {@code worldSize() - 1}. */
  int rank();

  int worldSize();

  /**
   * Starts to sum over all ranks in place; {@link #finish} waits for it. Call it from the thread
   * that computed the values: what that thread has asked a GPU for so far comes first. Until {@code
   * finish} returns nobody may touch the values, and no other kind of collective may be called.
   *
   * @param values fp32, contiguous, the same size on every rank
   */
  void startAllReduceSum(NDArray values);

  /**
   * Returns when all that was started is summed, with the same bits on every rank.
   *
   * @throws CollectiveException if a sum failed; none of the values is of use then
   */
  void finish();

  /** Sums over all ranks in place: {@link #startAllReduceSum} and {@link #finish}. */
  default void allReduceSum(NDArray values) {
    startAllReduceSum(values);
    finish();
  }

  /**
   * Overwrites {@code values} with those of rank 0.
   *
   * @param values fp32, contiguous, the same size on every rank
   */
  void broadcast(NDArray values);

  /** Every rank's message, by rank; for small messages. */
  List<byte[]> allGather(byte[] message);

  /** Returns once every rank has called it. */
  default void barrier() {
    allGather(new byte[0]);
  }

  /**
   * Leaves the group, from any thread. Returns when nothing writes to handed over values any more;
   * a collective that is under way fails.
   */
  @Override
  void close();
}
