package io.tokenflex.jobs.train;

import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.distributed.Rendezvous;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.spark.BarrierTaskContext;

/** Ranks meet in a barrier stage; a call takes about a second, so it is for starting up only. */
public final class BarrierRendezvous implements Rendezvous {
  /** Spark's words when spark.barrier.sync.timeout has passed. */
  private static final String LATE = "barrier sync requests";

  private final BarrierTaskContext context;
  private final int worldSize;

  public BarrierRendezvous(BarrierTaskContext context) {
    this.context = context;
    this.worldSize = context.getTaskInfos().length;
  }

  /** The name under which Spark itself reaches this executor. */
  public String host() {
    String address = context.getTaskInfos()[context.partitionId()].address();
    int colon = address.lastIndexOf(':');
    return colon < 0 ? address : address.substring(0, colon);
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
    long start = System.nanoTime();
    try {
      return List.of(context.allGather(message));
    } catch (Exception e) { // Scala throws what it does not declare
      String failure =
          String.format(
              Locale.ROOT,
              "Rank %d of %d: meeting the other ranks failed after %d s: %s",
              rank(),
              worldSize,
              Duration.ofNanos(System.nanoTime() - start).toSeconds(),
              e.getMessage());
      throw String.valueOf(e.getMessage()).contains(LATE)
          ? CollectiveException.late(failure, e)
          : new CollectiveException(failure, e);
    }
  }
}
