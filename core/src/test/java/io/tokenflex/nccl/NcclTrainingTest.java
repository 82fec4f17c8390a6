package io.tokenflex.nccl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.Rendezvous;
import io.tokenflex.distributed.TcpRingProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.FakeNccl;
import io.tokenflex.testing.InMemoryRendezvous;
import io.tokenflex.testing.Ranks;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import io.tokenflex.train.StepMetrics;
import io.tokenflex.train.Trainer;
import io.tokenflex.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fake library sums in the order of the TCP ring, so the same run ends with the same bits. */
class NcclTrainingTest {
  private static final int STEPS = 6;

  @TempDir private Path folder;

  @BeforeEach
  void nothingGoesWrong() {
    FakeNccl.fault("");
  }

  /** What a rank reported of each step, and a digest of the weights that it ended with. */
  private record Outcome(List<Double> losses, List<Double> gradNorms, String weights) {}

  private List<Outcome> train(String name, int worldSize, Function<Rendezvous, ProcessGroup> join) {
    return Ranks.run(new InMemoryRendezvous(worldSize).ranks(), join, group -> train(name, group));
  }

  private Outcome train(String name, ProcessGroup group) throws IOException, InterruptedException {
    List<Double> losses = new ArrayList<>();
    List<Double> gradNorms = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void stepDone(StepMetrics metrics) {
            losses.add(metrics.loss());
            gradNorms.add(metrics.gradNorm());
          }
        };
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
      new Trainer(
              TinyRun.run(TinyRun.config(STEPS, 1, STEPS), new TinySamples(3, 9, 7, 11, 8, 6)),
              group,
              new Checkpoints(new LocalStorage(folder.resolve(name)), 1),
              listener)
          .train(model);
      return new Outcome(losses, gradNorms, model.parameters().digest());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void trainingEqualsThatOverTheRingToTheLastBit(int worldSize) {
    List<Outcome> overNccl = train("nccl", worldSize, rank -> FakeNccl.join(rank, Ranks.TIMEOUT));
    List<Outcome> overTcp =
        train(
            "tcp",
            worldSize,
            rank -> TcpRingProcessGroup.join(rank, "127.0.0.1", 0, Ranks.TIMEOUT));

    assertThat(overNccl.get(0).losses()).hasSize(STEPS).doesNotHaveDuplicates();
    assertThat(overNccl).isEqualTo(overTcp);
    assertThat(overNccl).allSatisfy(rank -> assertThat(rank).isEqualTo(overNccl.get(0)));
  }
}
