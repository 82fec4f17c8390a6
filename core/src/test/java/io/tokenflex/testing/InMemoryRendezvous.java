package io.tokenflex.testing;

import io.tokenflex.distributed.Rendezvous;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/** Ranks of one JVM meet here. */
public final class InMemoryRendezvous {
  private final CyclicBarrier everybodyWrote;
  private final String[] messages;

  public InMemoryRendezvous(int worldSize) {
    everybodyWrote = new CyclicBarrier(worldSize);
    messages = new String[worldSize];
  }

  /** One rendezvous per rank. */
  public List<Rendezvous> ranks() {
    return IntStream.range(0, messages.length).<Rendezvous>mapToObj(Rank::new).toList();
  }

  private final class Rank implements Rendezvous {
    private final int rank;

    Rank(int rank) {
      this.rank = rank;
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int worldSize() {
      return messages.length;
    }

    @Override
    public List<String> exchange(String message) {
      messages[rank] = message;
      try {
        everybodyWrote.await(20, TimeUnit.SECONDS);
      } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
        throw new IllegalStateException("The ranks did not meet", e);
      }
      return List.of(messages);
    }
  }
}
