package io.tokenflex.jobs.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.tokenflex.distributed.Precision;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutorModelTest {
  @TempDir Path folder;

  private static AnswerModel parrot(Path modelFolder, Device device) {
    return new PlayedModel(
        modelFolder, (prompt, numVisionTokens) -> new Answer(prompt.question().text(), 2));
  }

  @Test
  void aReplacedModelIsClosedAndSaysSoToWhoeverStillAsksIt() throws IOException {
    Configuration hadoop = new Configuration();
    String first = folder.resolve("first").toString();
    ExecutorModel old = ExecutorModel.of(first, ExecutorModelTest::parrot, Device::cpu, hadoop);
    assertThat(ExecutorModel.of(first, ExecutorModelTest::parrot, Device::cpu, hadoop))
        .isSameAs(old);
    assertThat(PlayedModel.CLOSED).doesNotContain(Path.of(first));

    ExecutorModel.of(
        folder.resolve("second").toString(), ExecutorModelTest::parrot, Device::cpu, hadoop);

    assertThat(PlayedModel.CLOSED).contains(Path.of(first));
    assertThatThrownBy(() -> old.answer(List.of(), 4, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was replaced");
  }

  @Test
  void anotherPrecisionOfTheSameFolderIsAnotherModel() throws IOException {
    Configuration hadoop = new Configuration();
    String model = folder.resolve("precise").toString();
    ExecutorModel fp32 = ExecutorModel.of(model, new Variant("FP32"), Device::cpu, hadoop);
    assertThat(ExecutorModel.of(model, new Variant("FP32"), Device::cpu, hadoop)).isSameAs(fp32);
    assertThat(ExecutorModel.of(model, new Variant("BF16"), Device::cpu, hadoop)).isNotSameAs(fp32);
    assertThat(GeneratorAnswerModel.loader(Precision.FP32).variant())
        .isNotEqualTo(GeneratorAnswerModel.loader(Precision.BF16).variant());
  }

  @Test
  void aBatchTakesAsLongAsIfNothingOfItsPicturesWereKept() throws IOException {
    String model = folder.resolve("keeping").toString();
    ExecutorModel keeping =
        ExecutorModel.of(
            model,
            (modelFolder, device) -> new Keeping(parrot(modelFolder, device)),
            Device::cpu,
            new Configuration());
    assertThat(keeping.answer(List.of(Prompt.of("one?"), Prompt.of("two?")), 4, 1).seconds())
        .isBetween(2000.0, 2999.0);
  }

  /** A model that spares a thousand seconds a prompt. */
  private record Keeping(AnswerModel model) implements AnswerModel {
    @Override
    public List<Answer> answer(List<Prompt> prompts, int numVisionTokens, int maxNewTokens) {
      return model.answer(prompts, numVisionTokens, maxNewTokens);
    }

    @Override
    public double secondsSpared(List<Prompt> prompts) {
      return 1000.0 * prompts.size();
    }

    @Override
    public String precision() {
      return model.precision();
    }

    @Override
    public void close() {
      model.close();
    }
  }

  private record Variant(String variant) implements AnswerModel.Loader {
    @Override
    public AnswerModel load(Path modelFolder, Device device) {
      return parrot(modelFolder, device);
    }
  }
}
