package io.tokenflex.distributed;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model of DJL's own parts over two JVMs, and the documentation that shows how. */
class StockModelTest {
  /**
   * One process and two differ in the order of sums only. No weight's gradient is above 1 here, and
   * each comes of about 24 additions (16 units, 8 rows), each rounded by 2^-24 at most; a step
   * moves weights by the gradient times learning rate / (1 - momentum) in the end.
   */
  private static final double BOUND =
      StockModel.STEPS * StockModel.LEARNING_RATE / (1 - StockModel.MOMENTUM) * 24 / (1 << 24);

  @TempDir private Path folder;

  @Test
  void twoProcessesTrainAStockModelAsOneDoesOnTheWholeBatch() throws Exception {
    SingleProcessGroup alone = new SingleProcessGroup();
    float[] whole = StockModel.trainOn(alone, 0, StockModel.GLOBAL_BATCH);
    float[] half = StockModel.trainOn(alone, 0, StockModel.GLOBAL_BATCH / 2);
    List<float[]> two = trainProcesses(2);

    assertThat(two.get(1)).isEqualTo(two.get(0));
    double difference = largestDifference(two.get(0), whole);
    System.out.printf("Two processes and one differ by %.1e at most%n", difference);
    assertThat(difference).isLessThan(BOUND);
    assertThat(largestDifference(half, whole)).as("half of the batch").isGreaterThan(1000 * BOUND);
  }

  private List<float[]> trainProcesses(int worldSize) throws IOException, InterruptedException {
    List<Process> processes = new ArrayList<>();
    try {
      for (int rank = 0; rank < worldSize; rank++) {
        processes.add(start(rank, worldSize));
      }
      List<float[]> weights = new ArrayList<>();
      for (int rank = 0; rank < worldSize; rank++) {
        assertThat(processes.get(rank).waitFor(2, MINUTES)).as("rank %d ends", rank).isTrue();
        assertThat(processes.get(rank).exitValue())
            .as("rank %d: %s", rank, Files.readString(log(rank)))
            .isZero();
        weights.add(floats(Files.readAllBytes(folder.resolve("weights-" + rank))));
      }
      return weights;
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
  }

  private Process start(int rank, int worldSize) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dai.djl.pytorch.num_threads=1",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            StockModel.class.getName(),
            Integer.toString(rank),
            Integer.toString(worldSize),
            folder.resolve("meeting").toString(),
            folder.resolve("weights-" + rank).toString());
    return builder.redirectErrorStream(true).redirectOutput(log(rank).toFile()).start();
  }

  private Path log(int rank) {
    return folder.resolve("log-" + rank);
  }

  private static float[] floats(byte[] bytes) {
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
    return values;
  }

  private static double largestDifference(float[] some, float[] others) {
    assertThat(some).hasSameSizeAs(others);
    double largest = 0;
    for (int i = 0; i < some.length; i++) {
      largest = Math.max(largest, Math.abs((double) some[i] - others[i]));
    }
    return largest;
  }

  @ParameterizedTest
  @ValueSource(strings = {"join", "train"})
  void theDocumentationShowsTheCodeThatRunsHere(String part) throws IOException {
    String source =
        Files.readString(
            Path.of("src", "test", "java")
                .resolve(StockModel.class.getName().replace('.', '/') + ".java"));
    String begin = "  // docs/training.md: " + part + "\n";
    int from = source.indexOf(begin) + begin.length();
    int to = source.indexOf("  // docs/training.md: end\n", from);
    String code = source.substring(from, to).stripTrailing().stripIndent();

    assertThat(Files.readString(Path.of("..", "docs", "training.md")))
        .contains("```java\n" + code + "\n```\n");
  }
}
