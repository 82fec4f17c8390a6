package io.tokenflex.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.safetensors.ShardedSafetensorsWriter;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import io.tokenflex.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelImportTest {
  @TempDir private Path temporary;
  private final List<String> progress = new ArrayList<>();

  private Path copyOf(String golden) throws IOException {
    return WholeGolden.of(golden).copyInto(temporary.resolve("published"));
  }

  private void importIt(Path published) throws IOException {
    WholeGolden.importFrom(published, temporary.resolve("out"), WholeGolden.OPTIONS, progress);
  }

  private void assertNothingLeft(String... besides) {
    assertThat(WholeGolden.filesIn(temporary)).containsExactly(besides);
  }

  @Test
  void everyTensorThatIsMissingUnexpectedOrMisshapenIsNamedAtOnce() throws IOException {
    Path published = copyOf("tokenflex_siglip_qwen2");
    WholeGolden.rewrite(
        published,
        tensor ->
            switch (tensor.name()) {
              case "projector.f1.bias", "language_model.model.norm.weight" -> null;
              case "projector.g.weight" -> other(tensor, tensor.name(), 40, 16);
              case "vision_model.vision_model.post_layernorm.bias" ->
                  other(tensor, "vision_model.vision_model.last_norm.bias", 16);
              default -> tensor;
            });
    assertThatThrownBy(() -> importIt(published))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("published]: 5 tensors do not fit the configuration: ")
        .hasMessageContaining("missing language_model.model.norm.weight [16]")
        .hasMessageContaining("missing projector.f1.bias [40]")
        .hasMessageContaining("missing vision_model.post_layernorm.bias [16]")
        .hasMessageContaining(
            "projector.g.weight is [40, 16], the model has projector.g.weight [16, 40]")
        .hasMessageContaining("unexpected vision_model.vision_model.last_norm.bias [16]");
    assertNothingLeft("published");
    assertThat(progress).isEmpty();
  }

  private static TensorSource other(TensorSource tensor, String name, long... shape) {
    List<Long> sides = new ArrayList<>();
    for (long side : shape) {
      sides.add(side);
    }
    return new TensorSource(name, sides, tensor.values());
  }

  @Test
  void aModelThatShouldHaveAProjectorMustHaveOne() throws IOException {
    Path published = copyOf("ristretto");
    WholeGolden.rewrite(
        published, tensor -> tensor.name().startsWith("projector.") ? null : tensor);
    assertThatThrownBy(() -> importIt(published))
        .hasMessageContaining("8 tensors do not fit")
        .hasMessageContaining("missing projector.f1.weight [48, 16]");
  }

  @Test
  void tensorsUnderBothNamingsOfAFormatAreRefused() throws IOException {
    Path published = copyOf("llava");
    List<TensorSource> all = new ArrayList<>();
    WholeGolden.tensors(published)
        .forEach((name, tensor) -> all.add(new TensorSource(name, tensor.shape(), tensor::values)));
    WholeGolden.Tensor norm =
        WholeGolden.tensors(published).get("language_model.model.norm.weight");
    all.add(new TensorSource("model.language_model.norm.weight", norm.shape(), norm::values));
    Files.delete(published.resolve(ModelFiles.WEIGHTS));
    new ShardedSafetensorsWriter(ElementType.F32).write(published, all);
    assertThatThrownBy(() -> importIt(published))
        .hasMessageContaining("model.language_model.norm.weight")
        .hasMessageContaining("language_model.model.norm.weight")
        .hasMessageContaining("are both language_model.model.norm.weight");
  }

  @Test
  void theNamesOfNewerTransformersAreReadToo() throws IOException {
    for (String golden : List.of("llava", "internvl")) {
      Path published = WholeGolden.of(golden).copyInto(temporary.resolve(golden));
      WholeGolden.rewrite(
          published,
          tensor -> new TensorSource(newName(tensor.name()), tensor.shape(), tensor.values()));
      Path renamed = temporary.resolve(golden + "-renamed");
      WholeGolden.importFrom(published, renamed, WholeGolden.OPTIONS, progress);
      Path original = temporary.resolve(golden + "-original");
      WholeGolden.of(golden).importInto(original, WholeGolden.OPTIONS, progress);
      assertThat(renamed.resolve(ModelFiles.WEIGHTS))
          .hasSameBinaryContentAs(original.resolve(ModelFiles.WEIGHTS));
    }
  }

  private static String newName(String name) {
    return name.startsWith("language_model.model.")
        ? "model.language_model." + name.substring("language_model.model.".length())
        : name.equals("language_model.lm_head.weight") ? "lm_head.weight" : "model." + name;
  }

  @Test
  void aTowerIsTakenWithAndWithoutItsInnerPrefix() throws IOException {
    for (String golden : List.of("llava", "parts")) {
      Path published = WholeGolden.of(golden).copyInto(temporary.resolve(golden));
      boolean isWhole = golden.equals("llava");
      WholeGolden.rewrite(
          isWhole ? published : published.resolve("vision"),
          tensor ->
              new TensorSource(
                  tensor.name().replaceFirst("vision_model\\.", ""),
                  tensor.shape(),
                  tensor.values()));
      Path bare = temporary.resolve(golden + "-bare");
      WholeGolden.importFrom(published, bare, WholeGolden.OPTIONS, progress);
      Path original = temporary.resolve(golden + "-original");
      WholeGolden.of(golden).importInto(original, WholeGolden.OPTIONS, progress);
      assertThat(bare.resolve(ModelFiles.WEIGHTS))
          .hasSameBinaryContentAs(original.resolve(ModelFiles.WEIGHTS));
    }
  }

  @Test
  void ofNamesThatDifferInTheirBeginningTheBeginningIsSaidInOneShortLine() throws IOException {
    Path published = copyOf("llava");
    WholeGolden.rewrite(
        published,
        tensor ->
            new TensorSource(
                tensor.name().replaceFirst("^vision_tower\\.", "tower.module."),
                tensor.shape(),
                tensor.values()));
    assertThatThrownBy(() -> importIt(published))
        .hasMessageContaining(
            "names begin with \"tower.module.\" where \"vision_tower.\" is expected")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(2_000));
  }

  @Test
  void anImageProcessorMayStandInProcessorConfig() throws IOException {
    Path published = copyOf("llava");
    Path alone = published.resolve(ModelFiles.PREPROCESSOR);
    Path whole = published.resolve("processor_config.json");
    String nested = "{\"image_processor\": " + Files.readString(alone) + "}";
    Files.writeString(whole, nested);
    importIt(published); // both say the same
    Files.delete(alone);
    Path out = temporary.resolve("nested");
    WholeGolden.importFrom(published, out, WholeGolden.OPTIONS, progress);
    assertThat(out.resolve(ModelFiles.PREPROCESSOR))
        .hasSameBinaryContentAs(temporary.resolve("out").resolve(ModelFiles.PREPROCESSOR));
    Files.writeString(alone, nested.substring(20, nested.length() - 1).replace("28", "27"));
    assertThatThrownBy(
            () ->
                WholeGolden.importFrom(
                    published, temporary.resolve("both"), WholeGolden.OPTIONS, progress))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("processor_config.json says")
        .hasMessageContaining("delete the wrong one");
  }

  @Test
  void withoutAGenerationConfigAnswersEndWhereTheConfigSays() throws IOException {
    Path published = copyOf("llava"); // has none
    Json.change(
        published.resolve(ModelFiles.CONFIG),
        json -> json.withObject("/text_config").putArray("eos_token_id").add(2).add(30));
    importIt(published);
    assertThat(
            Json.read(temporary.resolve("out").resolve(ModelFiles.GENERATION))
                .get("eos_token_id")
                .toString())
        .isEqualTo("[2,30]");
  }

  @Test
  void aFolderThatIsNotEmptyIsLeftAlone() throws IOException {
    Path out = Files.createDirectory(temporary.resolve("out"));
    Files.writeString(out.resolve("mine"), "keep");
    assertThatThrownBy(() -> importIt(WholeGolden.of("llava").folder()))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("out: it is not empty; choose another folder or delete it");
    assertThat(WholeGolden.filesIn(out)).containsExactly("mine");
    assertNothingLeft("out");
  }

  @Test
  void anEmptyFolderIsFilledAndEverybodyMayReadIt() throws IOException {
    Path out = Files.createDirectory(temporary.resolve("out"));
    String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(out));
    importIt(WholeGolden.of("tokenflex_siglip_qwen2").folder());
    assertThat(WholeGolden.filesIn(out))
        .containsExactly(
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "preprocessor_config.json",
            "tokenizer.json",
            "tokenizer_config.json");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out)))
        .as("as any other new folder")
        .isEqualTo(permissions);
    assertNothingLeft("out");
  }

  @Test
  void filesThatAreMissingAreNamedWithWhatToDo() throws IOException {
    Path published = copyOf("llava");
    Files.delete(published.resolve(ModelFiles.TOKENIZER));
    assertThatThrownBy(() -> importIt(published))
        .isInstanceOf(IOException.class)
        .hasMessage(
            published
                + " has no tokenizer.json; save it with"
                + " AutoTokenizer.from_pretrained(...).save_pretrained(...)");
    for (String file : List.of(ModelFiles.PREPROCESSOR, ModelFiles.CONFIG)) {
      Files.delete(published.resolve(file));
      assertThatThrownBy(() -> importIt(published))
          .isInstanceOf(NoSuchFileException.class)
          .hasMessageStartingWith(published.resolve(file) + ": a published folder has one")
          .hasMessageEndingWith("; download the model's whole folder");
    }
    assertNothingLeft("published");
  }

  @Test
  void aModelOfAnotherTypeIsRefusedWithTheTypesThatAreTaken() throws IOException {
    Path published = copyOf("llava");
    Json.change(published.resolve(ModelFiles.CONFIG), json -> json.put("model_type", "llava_next"));
    assertThatThrownBy(() -> importIt(published))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model_type is llava_next")
        .hasMessageContaining("internvl_chat, internvl, llava, ristretto, tokenflex");
    Path parts = WholeGolden.of("parts").copyInto(temporary.resolve("parts"));
    Json.change(
        parts.resolve("language").resolve(ModelFiles.CONFIG),
        json -> json.put("model_type", "gemma3"));
    assertThatThrownBy(() -> importIt(parts)).hasMessageContaining("model_type is gemma3");
    assertNothingLeft("parts", "published");
  }

  @Test
  void aModelFolderNeedsNoImport() throws IOException {
    Path model = temporary.resolve("model");
    WholeGolden.of("tokenflex_siglip_qwen2").importInto(model, WholeGolden.OPTIONS, progress);
    assertThatThrownBy(() -> importIt(model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(
            "config.json is that of a model folder; train from it as it is, or export it first");
  }

  @Test
  void theClassTokenIsNotTakenForAPatch() throws IOException {
    Path published = copyOf("llava");
    Json.change(
        published.resolve(ModelFiles.CONFIG),
        json -> json.put("vision_feature_select_strategy", "full"));
    assertThatThrownBy(() -> importIt(published))
        .hasMessageContaining("vision_feature_select_strategy is full; expected default");
  }

  @Test
  void severalFeatureLayersAreRefused() throws IOException {
    Path published = copyOf("llava");
    Json.change(
        published.resolve(ModelFiles.CONFIG),
        json -> json.putArray("vision_feature_layer").add(-2).add(-1));
    assertThatThrownBy(() -> importIt(published))
        .hasMessageContaining("vision_feature_layer is [-2,-1]; expected one layer");
  }

  @Test
  void picturesOfAnotherSizeThanTheTowersAreRefused() throws IOException {
    Path published = copyOf("tokenflex_siglip_qwen2");
    Json.change(
        published.resolve(ModelFiles.PREPROCESSOR),
        json -> json.putObject("size").put("height", 24).put("width", 24));
    assertThatThrownBy(() -> importIt(published))
        .hasMessageContaining("makes pictures of 24 pixels a side, the vision tower takes 33")
        .hasMessageContaining("--image-size");
    assertNothingLeft("published");
  }

  @Test
  void aFailureWhileWritingLeavesNothingBehind() throws IOException {
    for (Throwable failure : List.of(new IllegalStateException(), new OutOfMemoryError())) {
      ModelImport failing =
          new ModelImport(
              WholeGolden.OPTIONS,
              line -> {
                if (line.startsWith("imported ")) {
                  assertThat(WholeGolden.filesIn(temporary)).hasSize(1);
                  throwUnchecked(failure);
                }
              });
      Path published = WholeGolden.of("llava").folder();
      assertThatThrownBy(() -> failing.fromModel(published, temporary.resolve("out")))
          .isSameAs(failure);
      assertNothingLeft();
    }
  }

  private static void throwUnchecked(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  @Test
  void progressSaysWhatIsNewAndHowFarItIs() throws IOException {
    importIt(WholeGolden.of("parts").folder());
    assertThat(progress)
        .containsExactly(
            "projector: new, from seed 7; train it first",
            "language_model.model.embed_tokens.weight: 1 rows added, each the mean of the others",
            "language_model.lm_head.weight: 1 rows added, each the mean of the others",
            "imported 72 of 72 tensors",
            "wrote " + temporary.resolve("out"));
  }
}
