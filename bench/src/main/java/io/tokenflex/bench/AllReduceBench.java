package io.tokenflex.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.distributed.FileRendezvous;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.TcpRingProcessGroup;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One rank of one round of the all-reduce benchmark; rank 0 prints one JSON object. {@code
 * bench/allreduce/run} starts the ranks, beside their peer.
 *
 * <p>Arguments: folder to meet in, rank, number of ranks, then {@code bytes:iterations} for every
 * size.
 */
public final class AllReduceBench {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int PERIOD = 1009;

  private AllReduceBench() {}

  /** Runs one rank. */
  public static void main(String[] arguments) throws IOException {
    int rank = Integer.parseInt(arguments[1]);
    int worldSize = Integer.parseInt(arguments[2]);
    FileRendezvous rendezvous = new FileRendezvous(Path.of(arguments[0]), rank, worldSize, TIMEOUT);
    Map<String, double[]> seconds = new LinkedHashMap<>();
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        ProcessGroup group = TcpRingProcessGroup.join(rendezvous, "127.0.0.1", 0, TIMEOUT)) {
      for (int i = 3; i < arguments.length; i++) {
        String[] size = arguments[i].split(":", -1);
        try (NDArray values = manager.zeros(new Shape(Long.parseLong(size[0]) / Float.BYTES))) {
          seconds.put(size[0], measure(group, values, Integer.parseInt(size[1])));
        }
      }
    }
    if (rank == 0) {
      BenchResult.print(Map.of("seconds", seconds));
    }
  }

  private static double[] measure(ProcessGroup group, NDArray values, int iterations) {
    FloatBuffer memory = values.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
    checkSum(group, values, memory);
    fill(memory, 0); // sums of sums would overflow
    double[] seconds = new double[iterations];
    for (int i = -Math.max(1, iterations / 2); i < iterations; i++) { // the first ones warm up
      long start = System.nanoTime();
      group.allReduceSum(values);
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
    }
    return seconds;
  }

  private static void checkSum(ProcessGroup group, NDArray values, FloatBuffer memory) {
    fill(memory, group.rank() + 1);
    group.allReduceSum(values);
    int factor = group.worldSize() * (group.worldSize() + 1) / 2;
    for (int i = 0; i < memory.capacity(); i++) {
      if (memory.get(i) != i % PERIOD * factor) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "Rank %d of %d, element %d of %d: the sum is %s, expected %d",
                group.rank(),
                group.worldSize(),
                i,
                memory.capacity(),
                memory.get(i),
                i % PERIOD * factor));
      }
    }
  }

  /** Element i becomes (i mod 1009) x factor: whole numbers, whose sum is exact. */
  private static void fill(FloatBuffer memory, int factor) {
    for (int i = 0; i < memory.capacity(); i++) {
      memory.put(i, i % PERIOD * factor);
    }
  }
}
