package io.tokenflex.jobs.cluster;

import static io.tokenflex.jobs.cluster.TinyTraining.MAX_STEPS;
import static io.tokenflex.jobs.cluster.TinyTraining.checkpoint;
import static io.tokenflex.jobs.cluster.TinyTraining.train;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training by the shaded jar on a master and two workers, when something happens on the way. */
class TrainRecoveryIT {
  private static StandaloneCluster cluster;
  private static Path undisturbed;
  @TempDir private Path folder;

  @BeforeAll
  static void trainUndisturbed(@TempDir Path shared) throws Exception {
    cluster = StandaloneCluster.ofTwoWorkers();
    undisturbed = shared.resolve("undisturbed");
    cluster.submit(train(undisturbed)).endsWith(0);
  }

  /** So that the executors found later are those of the test's own run. */
  @BeforeEach
  void awaitNoExecutors() throws Exception {
    cluster.awaitNoExecutors();
  }

  @Test
  void aRunThatLosesAnExecutorEndsWithTheParametersOfAnUndisturbedRun() throws Exception {
    Path disturbed = folder.resolve("disturbed");
    Submitted run = cluster.submit(train(disturbed));
    Path manifest = checkpoint(disturbed, 10).resolve("manifest.json");
    run.awaitWhileRunning("a checkpoint", () -> Files.exists(manifest));
    List<ProcessHandle> executors = cluster.executors();
    assertThat(executors).as("one executor on each worker").hasSize(2);
    assertThat(executors.get(0).destroyForcibly()).as("SIGKILL sent").isTrue();

    assertThat(run.endsWith(0))
        .contains("starting again from the newest checkpoint")
        .contains("train: resuming");
    TinyTraining.assertSameWeights(
        checkpoint(disturbed, MAX_STEPS), checkpoint(undisturbed, MAX_STEPS));
    assertThat(Files.readAllLines(disturbed.resolve("metrics.jsonl")))
        .as("one line per step, none twice")
        .hasSize(MAX_STEPS);
  }

  @Test
  void aChangedCheckpointIsStatusThreeAndNamesTheFile() throws Exception {
    Path run = folder.resolve("changed");
    StandaloneCluster.copy(undisturbed, run);
    Path weights = checkpoint(run, MAX_STEPS).resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length / 2] ^= 1;
    Files.write(weights, bytes);

    assertThat(cluster.submit(train(run, "train.maxSteps=50")).endsWith(3))
        .contains("changed/checkpoints/step-00000040/model.safetensors was changed")
        .contains("to resume from the checkpoint before it");
  }
}
