package io.tokenflex.distributed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.testing.Ranks.RankTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every process group promises; a subclass names its world sizes and runs its ranks. */
public abstract class ProcessGroupContract {
  private static final long SEED = 20250411;

  /** More than one part of 256 KiB for each of four ranks, and odd. */
  private static final int LONG = 4 * 70_000 + 3;

  /** Runs {@code task} on every rank of a new group; results by rank. */
  protected abstract <T> List<T> run(int worldSize, RankTask<T> task);

  @ParameterizedTest
  @MethodSource("worldSizes")
  void allReduceIsTheSumForAnyLength(int worldSize) {
    List<Integer> lengths = new ArrayList<>(List.of(1, 2, 3, 5, LONG));
    new Random(SEED).ints(20, 1, 5_000).forEach(lengths::add);
    List<List<float[]>> byRank =
        run(worldSize, group -> lengths.stream().map(n -> reduced(group, n)).toList());
    for (int i = 0; i < lengths.size(); i++) {
      int length = lengths.get(i);
      for (int rank = 0; rank < worldSize; rank++) {
        assertThat(byRank.get(rank).get(i))
            .as("seed %d, %d values, rank %d of %d", SEED, length, rank, worldSize)
            .isEqualTo(exactSum(length, worldSize));
      }
    }
  }

  private static float[] reduced(ProcessGroup group, int length) {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray values = manager.create(wholeNumbers(length, group.rank()));
      group.allReduceSum(values);
      return values.toFloatArray();
    }
  }

  /** Sums of these are exact in any order. */
  private static float[] wholeNumbers(int length, int rank) {
    Random random = new Random(SEED + 31L * length + rank);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextInt(2001) - 1000;
    }
    return values;
  }

  private static float[] exactSum(int length, int worldSize) {
    float[] sum = new float[length];
    for (int rank = 0; rank < worldSize; rank++) {
      float[] values = wholeNumbers(length, rank);
      for (int i = 0; i < length; i++) {
        sum[i] += values[i];
      }
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("worldSizes")
  void everyRankEndsWithTheSameBits(int worldSize) {
    List<float[]> byRank =
        run(
            worldSize,
            group -> {
              try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                Random random = new Random(SEED + group.rank());
                float[] values = new float[1_001];
                IntStream.range(0, values.length)
                    .forEach(i -> values[i] = (float) random.nextGaussian());
                NDArray array = manager.create(values);
                group.allReduceSum(array);
                return array.toFloatArray();
              }
            });
    assertThat(byRank).as("seed %d", SEED).allSatisfy(v -> assertThat(v).isEqualTo(byRank.get(0)));
  }

  @ParameterizedTest
  @MethodSource("worldSizes")
  void severalSumsAreUnderWayUntilFinished(int worldSize) {
    int[] lengths = {1, 1_003, LONG, 7};
    List<List<float[]>> byRank =
        run(
            worldSize,
            group -> {
              try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                List<NDArray> arrays = new ArrayList<>();
                for (int round = 0; round < 2; round++) { // the second one sums new values
                  arrays.clear();
                  for (int length : lengths) {
                    NDArray values = manager.create(wholeNumbers(length, group.rank()));
                    group.startAllReduceSum(values);
                    arrays.add(values);
                  }
                  group.finish();
                }
                return arrays.stream().map(NDArray::toFloatArray).toList();
              }
            });
    for (int i = 0; i < lengths.length; i++) {
      float[] expected = exactSum(lengths[i], worldSize);
      for (List<float[]> ofRank : byRank) {
        assertThat(ofRank.get(i)).as("%d values", lengths[i]).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("worldSizes")
  void finishingWhatWasNeverStartedReturnsAtOnce(int worldSize) {
    List<String> done =
        run(
            worldSize,
            group -> {
              group.finish();
              return "finished";
            });
    assertThat(done).hasSize(worldSize).containsOnly("finished");
  }

  @ParameterizedTest
  @MethodSource("worldSizes")
  void broadcastOverwritesWithTheValuesOfRankZero(int worldSize) {
    for (int length : new int[] {1, 7, LONG}) {
      List<float[]> byRank =
          run(
              worldSize,
              group -> {
                try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
                  NDArray values = manager.create(wholeNumbers(length, group.rank()));
                  group.broadcast(values);
                  return values.toFloatArray();
                }
              });
      assertThat(byRank)
          .as("%d values", length)
          .allSatisfy(values -> assertThat(values).isEqualTo(wholeNumbers(length, 0)));
    }
  }

  @ParameterizedTest
  @MethodSource("worldSizes")
  void allGatherReturnsEveryMessageByRank(int worldSize) {
    List<List<String>> byRank =
        run(
            worldSize,
            group ->
                group.allGather("é".repeat(1_000 * group.rank()).getBytes(UTF_8)).stream()
                    .map(message -> new String(message, UTF_8))
                    .toList());
    List<String> expected =
        IntStream.range(0, worldSize).mapToObj(rank -> "é".repeat(1_000 * rank)).toList();
    assertThat(byRank).allSatisfy(messages -> assertThat(messages).isEqualTo(expected));
  }

  @ParameterizedTest
  @MethodSource("worldSizes")
  void noRankLeavesABarrierBeforeTheLastHasReachedIt(int worldSize) {
    AtomicInteger reached = new AtomicInteger();
    List<Boolean> sawAll =
        run(
            worldSize,
            group -> {
              boolean all = true;
              for (int round = 1; round <= 20; round++) {
                reached.incrementAndGet();
                group.barrier();
                all &= reached.get() >= round * worldSize;
              }
              return all;
            });
    assertThat(sawAll).hasSize(worldSize).doesNotContain(false);
  }

  @ParameterizedTest
  @MethodSource("worldSizes")
  void ranksAreNumberedFromZero(int worldSize) {
    assertThat(run(worldSize, ProcessGroup::rank))
        .isEqualTo(IntStream.range(0, worldSize).boxed().toList());
    assertThat(run(worldSize, ProcessGroup::worldSize)).containsOnly(worldSize);
  }
}
