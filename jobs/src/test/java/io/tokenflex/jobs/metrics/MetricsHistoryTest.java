package io.tokenflex.jobs.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.train.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsHistoryTest {
  @TempDir private Path folder;

  private static String line(long step, double loss) {
    return String.format(
        Locale.ROOT,
        "{\"step\":%d,\"loss\":%s,\"numVisionTokens\":64,\"time\":\"2026-01-01T00:00:00Z\"}\n",
        step,
        loss);
  }

  private List<StepMetrics> read(byte[] metrics) throws IOException {
    Files.write(folder.resolve(MetricsFile.NAME), metrics);
    return MetricsHistory.read(RunFolder.of(folder.toString(), new Configuration()), 1000);
  }

  private List<StepMetrics> read(String metrics) throws IOException {
    return read(metrics.getBytes(UTF_8));
  }

  @Test
  void aRepeatedStepTakesBackAllFromItOn() throws IOException {
    String text = line(1, 3) + line(2, 2) + line(3, 2) + line(2, 1.5) + line(3, 1) + line(4, 0.5);
    assertThat(read(text)).extracting(StepMetrics::loss).containsExactly(3.0, 1.5, 1.0, 0.5);
  }

  @Test
  void whatIsDamagedIsLeftOutWhateverItIs() throws IOException {
    long seed = 3;
    Random random = new Random(seed);
    String good = line(1, 3) + line(2, 2) + line(3, 1);
    List<String> damages =
        List.of(
            "{\"step\":4,\"lo",
            "\0".repeat(500),
            "\n\n",
            "\uFFFD\u0001 no JSON",
            "[1, 2]",
            "null",
            "{}",
            "{\"step\":\"x\"}",
            "x".repeat(100_000));
    for (String damage : damages) {
      int at = good.indexOf('\n', random.nextInt(good.length() - 1)) + 1;
      String text = good.substring(0, at) + damage + "\n" + good.substring(at);
      assertThat(read(text))
          .as("seed %d: %.20s at %d", seed, damage, at)
          .extracting(StepMetrics::step)
          .containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  void aFileCutAnywhereGivesItsWholeLines() throws IOException {
    byte[] good = (line(1, 3) + line(2, 2) + line(3, 1)).getBytes(UTF_8);
    for (int length = 0; length < good.length; length += 7) {
      byte[] cut = Arrays.copyOf(good, length);
      int whole = (int) new String(good, 0, length, UTF_8).chars().filter(c -> c == '\n').count();
      assertThat(read(cut).size()).as("cut at %d", length).isBetween(whole, whole + 1);
    }
  }

  @Test
  void aLongRunIsThinnedAndKeepsItsEnds() {
    MetricsHistory history = new MetricsHistory(100);
    for (long step = 1; step <= 123_457; step++) {
      history.add(new StepMetrics(step, 0, 64, 1.0, 0, 0, 1, 1, 0, 1, 0, Instant.EPOCH));
    }
    List<Long> steps = history.steps().stream().map(StepMetrics::step).toList();
    assertThat(steps).hasSizeBetween(50, 102).isSorted().doesNotHaveDuplicates();
    assertThat(steps.get(0)).isEqualTo(1);
    assertThat(steps.get(steps.size() - 1)).isEqualTo(123_457);
  }

  @Test
  void partsAreReadInTheOrderOfTheirNumbersBeforeTheNewest() throws IOException {
    Files.createDirectories(folder.resolve(MetricsFile.PARTS));
    Files.writeString(folder.resolve(MetricsFile.part(10)), line(3, 1) + line(4, 1));
    Files.writeString(folder.resolve(MetricsFile.part(9)), line(1, 1) + line(2, 1) + line(3, 9));
    assertThat(read(line(5, 1))).extracting(StepMetrics::step).containsExactly(1L, 2L, 3L, 4L, 5L);
  }
}
