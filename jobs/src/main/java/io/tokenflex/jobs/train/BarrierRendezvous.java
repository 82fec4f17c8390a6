package io.tokenflex.jobs.train;

import io.tokenflex.distributed.Rendezvous;
import java.util.List;
import org.apache.spark.BarrierTaskContext;

/** Ranks meet in a barrier stage; a call takes about a second, so it is for starting up only. */
final class BarrierRendezvous implements Rendezvous {
  private final BarrierTaskContext context;
  private final int worldSize;

  BarrierRendezvous(BarrierTaskContext context) {
    this.context = context;
    this.worldSize = context.getTaskInfos().length;
  }

  @Override
  public int rank() {
    return context.partitionId();
  }

  @Override
  public int worldSize() {
    return worldSize;
  }

  @Override
  public List<String> exchange(String message) {
    return List.of(context.allGather(message));
  }
}
