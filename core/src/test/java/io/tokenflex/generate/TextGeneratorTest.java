package io.tokenflex.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.checkpoint.LocalCheckpointStorage;
import io.tokenflex.data.Sample;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import io.tokenflex.train.Trainer;
import io.tokenflex.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers of a checkpoint folder, as training leaves it. */
class TextGeneratorTest {
  private static final TinySamples SAMPLES = new TinySamples(5, 12);

  @TempDir static Path folder;

  @BeforeAll
  static void train() throws IOException, InterruptedException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
      new Trainer(
              TinyRun.run(TinyRun.config(3, 4, 3), SAMPLES),
              new SingleProcessGroup(),
              new Checkpoints(new LocalCheckpointStorage(folder), 1),
              new TrainingListener() {})
          .train(model);
    }
  }

  private static TextGenerator load() throws IOException {
    return TextGenerator.load(folder.resolve("step-00000003"));
  }

  private static List<Prompt> prompts() {
    List<Prompt> prompts = new ArrayList<>();
    for (Sample sample : SAMPLES.readRowGroup(0)) {
      prompts.add(new Prompt(sample.conversation().subList(0, 1), sample.images()));
    }
    return prompts;
  }

  @Test
  void answersDoNotDependOnWhatElseIsInTheBatch() throws IOException {
    try (TextGenerator generator = load()) {
      for (int numVisionTokens : new int[] {1, 9, 16}) {
        List<Generation> together = generator.generate(prompts(), numVisionTokens, 6);
        List<Generation> alone = new ArrayList<>();
        for (Prompt prompt : prompts()) {
          alone.addAll(generator.generate(List.of(prompt), numVisionTokens, 6));
        }
        assertThat(together).as("%d vision tokens", numVisionTokens).isEqualTo(alone);
      }
    }
  }

  @Test
  void aCountThatIsNoSquareIsRefusedWithItsNeighbours() throws IOException {
    try (TextGenerator generator = load()) {
      assertThatThrownBy(() -> generator.generate(prompts(), 10, 6))
          .hasMessage("10 vision tokens do not form a square grid; take 9 or 16");
    }
  }

  @Test
  void aPromptWithoutRoomForTheAnswerIsRefused() throws IOException {
    try (TextGenerator generator = load()) {
      assertThatThrownBy(() -> generator.generate(prompts(), 4, 1000))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("exceed the model's 256 positions");
    }
  }
}
