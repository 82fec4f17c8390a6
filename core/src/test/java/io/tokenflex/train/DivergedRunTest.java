package io.tokenflex.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.tokenflex.batches.BadSamples;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.distributed.Collective;
import io.tokenflex.distributed.Precision;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.ActivationPolicy;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.optimizer.OptimizerConfig;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DivergedRunTest {
  @TempDir private Path folder;

  @Test
  void aLossThatIsNoNumberNamesTheStepAsTheMetricsCountIt() {
    OptimizerConfig endless = new OptimizerConfig(1e38, 1, 0.1, 0.9, 0.95, 1e-8, 0.1, 1.0);
    TrainConfig config =
        new TrainConfig(
            20,
            8,
            2,
            4,
            2,
            1,
            BadSamples.SKIP,
            0.1,
            Precision.FP32,
            ActivationPolicy.KEEP,
            List.of(),
            Optional.empty(),
            endless,
            10,
            1,
            Collective.AUTO,
            Duration.ofSeconds(20),
            Duration.ofMinutes(5));
    Checkpoints checkpoints = new Checkpoints(new LocalStorage(folder), 1);
    List<Long> done = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void stepDone(StepMetrics metrics) {
            done.add(metrics.step());
          }
        };
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
      TrainingRun run = TinyRun.run(config, new TinySamples(3, 9, 7, 11, 8, 6));
      Trainer trainer = new Trainer(run, new SingleProcessGroup(), checkpoints, listener);
      assertThatThrownBy(() -> trainer.train(model))
          .isInstanceOf(DivergedException.class)
          .satisfies(
              failure ->
                  assertThat(failure).hasMessageStartingWith("Step " + (done.size() + 1) + ":"))
          .hasMessageContaining("train.optimizer.learningRate");
    }
    assertThat(done).as("steps before it").isNotEmpty();
  }
}
