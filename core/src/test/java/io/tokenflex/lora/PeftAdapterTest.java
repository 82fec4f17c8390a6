package io.tokenflex.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.convert.ModelExport;
import io.tokenflex.convert.ModelImport;
import io.tokenflex.convert.WholeGolden;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.safetensors.TensorInfo;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import io.tokenflex.testing.TinyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeftAdapterTest {
  private static final String NAME = "tokenflex_siglip_qwen2";

  @TempDir private Path folder;

  /** PEFT's adapter with its configuration changed. */
  private Path changed(String name, Consumer<ObjectNode> change) throws Exception {
    Path golden = Path.of(getClass().getResource("/golden/lora/" + NAME).toURI());
    Path copy = Files.createDirectories(folder.resolve(name));
    ObjectMapper json = new ObjectMapper();
    byte[] config = Files.readAllBytes(golden.resolve(PeftConfig.FILE_NAME));
    ObjectNode root = (ObjectNode) json.readTree(config);
    change.accept(root);
    Files.write(copy.resolve(PeftConfig.FILE_NAME), json.writeValueAsBytes(root));
    Files.copy(golden.resolve(PeftAdapter.WEIGHTS), copy.resolve(PeftAdapter.WEIGHTS));
    return copy;
  }

  @Test
  void whatComputesOtherwiseIsRefusedAllTogether() throws Exception {
    Path adapter =
        changed(
            "dora",
            config -> {
              config.put("use_dora", true).put("bias", "all").put("init_lora_weights", "pissa");
              config.putObject("rank_pattern").put("q_proj", 0);
              config.putObject("alpha_pattern").put("(", 1);
            });
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PeftAdapter.read(adapter))
        .withMessageContaining("use_dora is true; that is not supported")
        .withMessageContaining("bias is \"all\"")
        .withMessageContaining("rank_pattern has q_proj=0; expected")
        .withMessageContaining("alpha_pattern has (=1; expected the end of a module's path")
        .withMessageContaining("init_lora_weights is \"pissa\", which changes the base");
    Path prefix = changed("prefix", config -> config.put("peft_type", "PREFIX_TUNING"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PeftAdapter.read(prefix))
        .withMessageContaining("peft_type is \"PREFIX_TUNING\"; expected LORA");
  }

  @Test
  void tensorsMustFitTheConfiguration() throws Exception {
    Path rank = changed("rank", config -> config.put("r", 8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PeftAdapter.read(rank))
        .withMessageContaining("self_attn.q_proj has A [4, 16] and B [16, 4], expected [8, in]");
    Path unsaved = changed("unsaved", config -> config.putNull("modules_to_save"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PeftAdapter.read(unsaved))
        .withMessageContaining("projector.f1.bias belongs to no module of modules_to_save []");
    assertThatThrownBy(() -> PeftAdapter.read(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("adapter_config.json");
  }

  @Test
  void anAdapterOfAnotherModelIsRefusedWithAllThatDoesNotFit() throws Exception {
    PeftAdapter adapter = PeftAdapter.read(changed("same", config -> {}));
    ModelImport modelImport = new ModelImport(WholeGolden.OPTIONS, line -> {});
    Path other = WholeGolden.of("tokenflex_internvl_qwen3").folder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> modelImport.fromModel(other, adapter, folder.resolve("merged")))
        .withMessageContaining(
            "the adapter changes language_model.model.layers.0.self_attn.q_proj as [16, 16], the model");
    assertThat(folder.resolve("merged")).doesNotExist();
  }

  @Test
  void settingsThatDoNotAgreeWithTheAdapterAreNamed() throws Exception {
    Optional<PeftAdapter> adapter = Optional.of(PeftAdapter.read(changed("same", config -> {})));
    LoraConfig other =
        new LoraConfig(
            Optional.of(8),
            Optional.of(8.0),
            Optional.of(List.of("q_proj")),
            Optional.empty(),
            Optional.of(List.of()),
            Optional.of("same"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.resolve(adapter))
        .withMessageContaining("rank is 8, the adapter's is 4")
        .withMessageContaining("modulesToSave is [], the adapter's is [projector]")
        .withMessageNotContaining("alpha");
    LoraConfig fewer =
        new LoraConfig(
            Optional.empty(),
            Optional.empty(),
            Optional.of(List.of("q_proj")),
            Optional.empty(),
            Optional.empty(),
            Optional.of("same"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new LoraLayout(TinyRun.model(), fewer.resolve(adapter), adapter, segment -> false))
        .withMessageContaining("has other layers than targets and freeze say")
        .withMessageContaining("self_attn.v_proj");
  }

  @Test
  void anExportedAdapterIsTheSameAndMayBeHalved() throws Exception {
    Path adapter = changed("same", config -> {});
    new ModelExport(ElementType.F32, line -> {}).adapter(adapter, folder.resolve("copy"));
    assertThat(folder.resolve("copy").resolve(PeftAdapter.WEIGHTS))
        .hasSameBinaryContentAs(adapter.resolve(PeftAdapter.WEIGHTS));
    assertThat(folder.resolve("copy").resolve(PeftConfig.FILE_NAME))
        .hasSameBinaryContentAs(adapter.resolve(PeftConfig.FILE_NAME));

    List<String> progress = new ArrayList<>();
    new ModelExport(ElementType.BF16, progress::add).adapter(adapter, folder.resolve("half"));
    assertThat(progress).containsExactly("wrote " + folder.resolve("half"));
    assertThat(elementTypes(folder.resolve("half"))).containsOnly(ElementType.BF16);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ModelExport(ElementType.F32, line -> {})
                    .adapter(folder.resolve("none"), folder.resolve("out")))
        .withMessageContaining("no checkpoint of a run with train.lora");
  }

  private static List<ElementType> elementTypes(Path adapter) throws IOException {
    try (SafetensorsFolder open = SafetensorsFolder.open(adapter, PeftAdapter.BASE_NAME)) {
      return open.tensors().values().stream().map(TensorInfo::elementType).toList();
    }
  }
}
