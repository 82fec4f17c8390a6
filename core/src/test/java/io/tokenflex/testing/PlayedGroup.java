package io.tokenflex.testing;

import ai.djl.ndarray.NDArray;
import io.tokenflex.distributed.ProcessGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * One rank whose peers are played: they say what a test lets them say, and add nothing to a sum.
 *
 * @param rank of this process
 * @param others what the peers say whenever messages are gathered, by rank
 */
public record PlayedGroup(int rank, List<byte[]> others) implements ProcessGroup {
  @Override
  public int worldSize() {
    return others.size() + 1;
  }

  @Override
  public List<byte[]> allGather(byte[] message) {
    List<byte[]> all = new ArrayList<>(others);
    all.add(rank, message);
    return all;
  }

  @Override
  public void startAllReduceSum(NDArray values) {}

  @Override
  public void finish() {}

  @Override
  public void broadcast(NDArray values) {}

  @Override
  public void close() {}
}
