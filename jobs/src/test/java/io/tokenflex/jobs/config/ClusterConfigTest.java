package io.tokenflex.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterConfigTest {
  @Test
  void localClusterGetsItsSizes() {
    assertThat(cluster("local-cluster", Map.of()).sparkMaster())
        .isEqualTo("local-cluster[2,4,3072]");
    assertThat(cluster("yarn", Map.of()).sparkMaster()).isEqualTo("yarn");
  }

  @Test
  void barrierStagesWaitForAFixedNumberOfExecutors() {
    assertThat(cluster("yarn", Map.of()).sparkSettings())
        .containsEntry("spark.executor.instances", "2")
        .containsEntry("spark.cores.max", "8")
        .containsEntry("spark.dynamicAllocation.enabled", "false")
        .containsEntry("spark.scheduler.minRegisteredResourcesRatio", "1.0")
        .containsEntry("spark.barrier.sync.timeout", "300s")
        .containsEntry("spark.task.reaper.enabled", "true")
        .containsEntry("spark.executorEnv.OMP_NUM_THREADS", "4")
        .containsEntry("spark.executorEnv.LC_ALL", "C.UTF-8")
        .containsEntry("spark.executor.resource.gpu.amount", "1")
        .doesNotContainKey("spark.driver.host");
  }

  @Test
  void trainingWaitsForMissingExecutorsOnceAndNotTwice() {
    assertThat(cluster("yarn", Map.of()).forTraining().sparkSettings())
        .containsEntry("spark.scheduler.maxRegisteredResourcesWaitingTime", "1s");
    assertThat(cluster("yarn", Map.of()).sparkSettings())
        .containsEntry("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s");
  }

  @Test
  void ownSparkSettingsWin() {
    assertThat(cluster("yarn", Map.of("spark.cores.max", "3")).sparkSettings())
        .containsEntry("spark.cores.max", "3");
  }

  @Test
  void dynamicAllocationIsRefusedAtOnce() {
    assertThatThrownBy(() -> cluster("yarn", Map.of("spark.dynamicAllocation.enabled", "true")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("excludes barrier stages");
  }

  @Test
  void aKeyThatIsNoSparkSettingIsRefused() {
    assertThatThrownBy(() -> cluster("yarn", Map.of("executor.memory", "1g")))
        .hasMessageContaining("executor.memory; every Spark setting starts with spark.");
  }

  @Test
  void memoryNeedsAUnit() {
    assertThatThrownBy(
            () ->
                new ClusterConfig(
                    "yarn",
                    "client",
                    1,
                    1,
                    0,
                    "3072",
                    "1g",
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2),
                    4,
                    0,
                    Map.of()))
        .hasMessage("executorMemory is 3072; expected a whole number of m or g such as 2g");
  }

  private static ClusterConfig cluster(String master, Map<String, String> spark) {
    return new ClusterConfig(
        master,
        "client",
        2,
        4,
        1,
        "3g",
        "1g",
        Duration.ofMinutes(2),
        Duration.ofMinutes(3),
        4,
        0,
        spark);
  }
}
