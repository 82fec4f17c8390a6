package io.tokenflex.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.failure.InvalidInputException;
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

  /** Were they replaced, torch would take one thread for each core of the machine. */
  @Test
  void ownJavaOptionsOfExecutorsComeAfterOurs() {
    assertThat(
            cluster("yarn", Map.of("spark.executor.extraJavaOptions", "-Xlog:gc")).sparkSettings())
        .containsEntry(
            "spark.executor.extraJavaOptions",
            "-Djava.awt.headless=true -Duser.language.format=en -Dai.djl.offline=true"
                + " -Dai.djl.pytorch.num_threads=4 -Xlog:gc");
  }

  @Test
  void executorsWithAGpuDownloadNothingAndCountDevicesAsTheDriver() {
    assertThat(cluster("yarn", Map.of()).sparkSettings())
        .containsEntry("spark.executorEnv.DJL_OFFLINE", "true")
        .containsEntry("spark.executorEnv.CUDA_DEVICE_ORDER", "PCI_BUS_ID")
        .containsEntry("spark.executorEnv.PYTORCH_FLAVOR", "cu128");
    assertThat(cluster("yarn", 0).sparkSettings())
        .doesNotContainKeys("spark.executorEnv.DJL_OFFLINE", "spark.executorEnv.PYTORCH_FLAVOR");
  }

  @Test
  void aRankHasOneGpuOrNone() {
    assertThatThrownBy(() -> cluster("yarn", 2))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("gpusPerExecutor is 2; expected 0 for CPUs or 1")
        .hasMessageContaining("raise executors");
  }

  @Test
  void ranksThatAreThreadsOfTheDriverGetNoGpus() {
    assertThatThrownBy(() -> cluster("local[2]", 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("master is local[2], where Spark gives tasks no GPUs")
        .hasMessageContaining("local-cluster");
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
    return cluster(master, 1, spark);
  }

  private static ClusterConfig cluster(String master, int gpusPerExecutor) {
    return cluster(master, gpusPerExecutor, Map.of());
  }

  private static ClusterConfig cluster(
      String master, int gpusPerExecutor, Map<String, String> spark) {
    return new ClusterConfig(
        master,
        "client",
        2,
        4,
        gpusPerExecutor,
        "3g",
        "1g",
        Duration.ofMinutes(2),
        Duration.ofMinutes(3),
        4,
        0,
        spark);
  }
}
