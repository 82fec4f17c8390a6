package io.tokenflex.distributed;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** A world of one rank: every collective is done already. */
public final class SingleProcessGroup implements ProcessGroup {
  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int worldSize() {
    return 1;
  }

  @Override
  public void startAllReduceSum(NDArray values) {}

  @Override
  public void finish() {}

  @Override
  public void broadcast(NDArray values) {}

  @Override
  public List<byte[]> allGather(byte[] message) {
    return List.of(message.clone());
  }

  @Override
  public void close() {}
}
