package io.tokenflex.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.dedup.DedupConfig.Scope;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeapEstimateTest {
  private static final long MIB = 1L << 20;

  /** Rows of a picture each, in shards of eight row groups of 128. */
  private static Manifest data(int shards, long bytesPerRow) {
    List<Manifest.Shard> all = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      all.add(
          new Manifest.Shard("data/run/" + i, 1024, 8, 1024, 1024 * bytesPerRow, "f", List.of()));
    }
    long rows = 1024L * shards;
    return new Manifest(
        DatasetLayout.FORMAT_VERSION,
        1,
        0,
        "2026-01-01T00:00:00Z",
        rows,
        rows,
        rows * bytesPerRow,
        128,
        all,
        new Manifest.Run("data/run", rows, rows, 0, Map.of()),
        List.of(),
        1,
        new DedupConfig(false, DedupConfig.NO_NEAR_SEARCH, Scope.SAMPLE),
        "",
        null);
  }

  private static RunConfig config(String... overrides) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "train.lanes=8",
                "train.globalBatchSize=32",
                "train.windowRowGroups=4",
                "train.prefetchSteps=2",
                "cluster.executors=2"));
    all.addAll(List.of(overrides));
    return RunConfig.loadResource("conf/quickstart.conf", all).config();
  }

  private static HeapEstimate estimate(RunConfig config, Manifest data) {
    return HeapEstimate.of(config, data, 1);
  }

  @Test
  void everyLaneOfARankHoldsAWindow() {
    Manifest data = data(100, 300_000);
    long rowGroup = 128 * 300_000;
    HeapEstimate four = estimate(config(), data);
    assertThat(four.windows()).isEqualTo(4 * 4 * rowGroup);
    assertThat(four.reading()).isEqualTo(2 * rowGroup);
    assertThat(estimate(config("cluster.executors=8"), data).windows()).isEqualTo(4 * rowGroup);
    assertThat(estimate(config("train.windowRowGroups=1"), data).windows()).isEqualTo(4 * rowGroup);
  }

  @Test
  void aSmallDatasetIsHeldOnce() {
    Manifest data = data(1, 300_000);
    assertThat(estimate(config("cluster.executors=1"), data).windows())
        .isLessThanOrEqualTo(data.bytes());
  }

  @Test
  void pixelsAreThoseOfTheStepsAhead() {
    RunConfig config = config();
    long side = config.model().vision().imageSize();
    long step = 16 * 3 * side * side;
    assertThat(estimate(config, data(100, 1000)).pixels()).isEqualTo(4 * step);
    assertThat(HeapEstimate.of(config, data(100, 1000), 13).pixels()).isEqualTo(13 * 4 * step);
  }

  @Test
  void whatCannotFitIsRefusedWithEveryWayOutAndWhatBarelyFitsIsTold() {
    RunConfig config = config();
    HeapEstimate estimate = estimate(config, data(100, 600_000));
    assertThatThrownBy(() -> estimate.check(config, 1024 * MIB, 1, "cluster.executorMemory"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("Training's input takes about ")
        .hasMessageContaining("4 lanes hold windows of train.windowRowGroups = 4 row groups of 74m")
        .hasMessageContaining("Raise cluster.executorMemory to ")
        .hasMessageContaining("train.windowRowGroups");
    assertThat(estimate.check(config, estimate.total() + 100 * MIB, 1, "cluster.executorMemory"))
        .startsWith("Training's input takes about ");
    assertThat(estimate.check(config, estimate.total() + 300 * MIB, 1, "cluster.executorMemory"))
        .isEmpty();
    assertThatThrownBy(
            () -> estimate.check(config, estimate.total() + 300 * MIB, 2, "cluster.driverMemory"))
        .hasMessageContaining("for each of 2 ranks. Raise cluster.driverMemory to ");
  }

  @Test
  void theShippedRunsHaveRoom() {
    for (String conf : List.of("quickstart.conf", "siglip-so400m-qwen2.5-3b-8gpu.conf")) {
      RunConfig config = RunConfig.load(Path.of("..", "conf", conf), List.of()).config();
      assertThat(
              estimate(config, data(1000, 100_000))
                  .check(config, heap(config), 1, "cluster.executorMemory"))
          .as(conf)
          .isEmpty();
    }
  }

  private static long heap(RunConfig config) {
    String memory = config.cluster().executorMemory();
    long number = Long.parseLong(memory.substring(0, memory.length() - 1));
    return number * (memory.endsWith("g") ? 1024 * MIB : MIB);
  }
}
