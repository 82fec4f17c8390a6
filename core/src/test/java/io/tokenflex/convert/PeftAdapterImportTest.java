package io.tokenflex.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.Golden;
import io.tokenflex.Parity;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.lora.PeftConfig;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.safetensors.ShardedSafetensorsWriter;
import io.tokenflex.safetensors.TensorInfo;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import io.tokenflex.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters that PEFT saved of published models, in the names that their modules have in memory. */
class PeftAdapterImportTest {
  @TempDir private Path temporary;
  private final List<String> progress = new ArrayList<>();

  private Path merged(Path model, Path adapter, String out) throws IOException {
    new ModelImport(WholeGolden.OPTIONS, progress::add)
        .fromModel(model, PeftAdapter.read(adapter), temporary.resolve(out));
    return temporary.resolve(out);
  }

  @ParameterizedTest
  @CsvSource({
    "4.53.3, llava", "4.57.6, llava", "5.24.0, llava",
    "4.53.3, internvl", "4.57.6, internvl", "5.24.0, internvl"
  })
  void aMergedModelComputesWhatPeftComputes(String version, String name) throws IOException {
    WholeGolden golden = WholeGolden.of(version + "/" + name);
    Golden expected = golden.expected();
    Path adapter = golden.folder().resolve("adapter");
    try (LoadedFolder model = new LoadedFolder(merged(golden.folder(), adapter, "merged"))) {
      double features =
          Parity.maxDifference(
              name + " features",
              model.features(golden.pictures()),
              expected.floats("outputs.adapted.features"));
      long published = expected.shape("outputs.adapted.text_logits").get(2);
      assertThat((long) model.config().language().vocabSize()).isEqualTo(published);
      double text =
          Parity.maxDifference(
              name + " text",
              model.logits(expected.longs("inputs.text_ids"), LoadedFolder.Pictures.NONE, 1),
              expected.floats("outputs.adapted.text_logits"));
      Parity.record("whole", version + "/" + name, "adapted features", features);
      Parity.record("whole", version + "/" + name, "adapted text logits", text);
      assertThat(model.config().language().tieWordEmbeddings()).isFalse();
    }
    assertThat(progress.stream().anyMatch(line -> line.startsWith("LM head: no longer")))
        .as("InternVL's tables were one")
        .isEqualTo(name.equals("internvl"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llava", "internvl"})
  void everySpellingOfAModulesNameIsTheSameModule(String name) throws IOException {
    Path model = WholeGolden.of("5.24.0/" + name).folder();
    Path adapter = model.resolve("adapter");
    Path expected = merged(model, adapter, "expected");
    List<UnaryOperator<String>> spellings =
        List.of(
            tensor -> // as before transformers 4.52, and as on disk
            tensor
                    .replace("model.model.language_model.", "model.language_model.model.")
                    .replace("base_model.model.lm_head", "base_model.model.language_model.lm_head")
                    .replace("model.model.vision_tower.", "model.vision_tower."),
            tensor -> // with the inner prefix of transformers 4
            name.equals("llava")
                    ? tensor.replace("vision_tower.", "vision_tower.vision_model.")
                    : tensor);
    for (int i = 0; i < spellings.size(); i++) {
      Path renamed = renamed(adapter, spellings.get(i), "adapter-" + i);
      Path merged = merged(model, renamed, "merged-" + i);
      assertThat(merged.resolve(ModelFiles.WEIGHTS))
          .hasSameBinaryContentAs(expected.resolve(ModelFiles.WEIGHTS));
    }
  }

  private Path renamed(Path adapter, UnaryOperator<String> rename, String name) throws IOException {
    Path copy = Files.createDirectory(temporary.resolve(name));
    Files.copy(adapter.resolve(PeftConfig.FILE_NAME), copy.resolve(PeftConfig.FILE_NAME));
    List<TensorSource> all = new ArrayList<>();
    try (SafetensorsFolder open = SafetensorsFolder.open(adapter, PeftAdapter.BASE_NAME)) {
      for (TensorInfo tensor : open.tensors().values()) {
        float[] values = open.readFloats(tensor.name());
        all.add(new TensorSource(rename.apply(tensor.name()), tensor.shape(), () -> values));
      }
    }
    new ShardedSafetensorsWriter(ElementType.F32, Long.MAX_VALUE)
        .write(file -> Files.newOutputStream(copy.resolve(PeftAdapter.WEIGHTS)), all);
    return copy;
  }

  @Test
  void aModuleThatTheModelHasNotIsNamedAndOneThatIsLeftOutIsSaid() throws IOException {
    Path model = WholeGolden.of("5.24.0/llava").folder();
    Path adapter = model.resolve("adapter");
    Path wrong =
        renamed(adapter, tensor -> tensor.replace("layers.0.self_attn", "layers.0.attn"), "wrong");
    assertThatThrownBy(() -> merged(model, wrong, "out"))
        .hasMessageContaining("the adapter changes model.language_model.layers.0.attn.q_proj")
        .hasMessageContaining("which the model has not");
    merged(model, adapter, "out");
    assertThat(progress)
        .as("the tower's last layer lies above the feature layer")
        .anyMatch(
            line ->
                line.startsWith("left out of the adapter: ")
                    && line.contains("vision_tower.encoder.layers.2.self_attn.q_proj"));
  }
}
