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
   * Sums over all ranks in place; every rank ends with the same bits.
   *
   * @param values fp32, contiguous, the same size on every rank
   */
  void allReduceSum(NDArray values);

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

  @Override
  void close();
}
