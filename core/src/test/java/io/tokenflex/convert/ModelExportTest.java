package io.tokenflex.convert;

import static io.tokenflex.convert.WholeGolden.assertBitEqual;
import static io.tokenflex.convert.WholeGolden.tensors;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.ProjectorConfig;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.modelfolder.ImageProcessorJson;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.random.SeededHash;
import io.tokenflex.safetensors.ShardedSafetensorsWriter;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import io.tokenflex.safetensors.TensorSource;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Turn;
import io.tokenflex.text.ChatMlTemplate;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.HuggingFaceTokenizer;
import io.tokenflex.text.JinjaChatTemplate;
import io.tokenflex.text.ModelText;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelExportTest {
  /** Where {@code tools/golden/check_export.py} looks for what we wrote. */
  private static final Path FOR_PYTHON = Path.of("target", "exports-for-python");

  @TempDir private Path temporary;
  private final List<String> progress = new ArrayList<>();
  private final ModelExport export = new ModelExport(ElementType.F32, progress::add);

  private Path imported(String golden) throws IOException {
    Path model = temporary.resolve(golden);
    WholeGolden.of(golden).importInto(model, WholeGolden.OPTIONS, progress);
    return model;
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokenflex_siglip_qwen2", "tokenflex_internvl_qwen3"})
  void aWholeModelComesBackBitEqualUnderItsPublishedNames(String name) throws IOException {
    Path whole = temporary.resolve("whole");
    export.whole(imported(name), whole);
    assertBitEqual(tensors(whole), tensors(WholeGolden.of(name).folder()));
  }

  @Test
  void layersAboveTheFeatureLayerAreNotWrittenAndAnUnusedNormIsNeutral() throws IOException {
    Path whole = temporary.resolve("whole");
    export.whole(imported("tokenflex_clip_llama3"), whole);
    Map<String, WholeGolden.Tensor> expected =
        new TreeMap<>(tensors(WholeGolden.of("tokenflex_clip_llama3").folder()));
    expected.keySet().removeIf(name -> name.contains("vision_model.encoder.layers.2."));
    float[] ones = new float[16];
    Arrays.fill(ones, 1);
    String norm = "vision_model.vision_model.post_layernorm.";
    expected.put(norm + "weight", new WholeGolden.Tensor(List.of(16L), ones));
    expected.put(norm + "bias", new WholeGolden.Tensor(List.of(16L), new float[16]));
    assertBitEqual(tensors(whole), expected);
    JsonNode config = Json.read(whole.resolve(ModelFiles.CONFIG));
    assertThat(config.at("/vision_config/num_hidden_layers").intValue()).isEqualTo(2);
    assertThat(config.get("vision_feature_layer").intValue()).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tokenflex_siglip_qwen2", "tokenflex_clip_llama3", "tokenflex_internvl_qwen3"})
  void theConfigurationSaysWhatThePublishedOneSaid(String name) throws IOException {
    Path whole = temporary.resolve("whole");
    export.whole(imported(name), whole);
    ObjectNode published = Json.read(WholeGolden.of(name).folder().resolve(ModelFiles.CONFIG));
    ObjectNode written = Json.read(whole.resolve(ModelFiles.CONFIG));
    for (ObjectNode config : List.of(published, written)) {
      config.remove("transformers_version");
      if (name.contains("clip")) { // a shorter tower now, see above
        config.remove("vision_feature_layer");
        ((ObjectNode) config.get("vision_config")).remove("num_hidden_layers");
      }
    }
    assertCovers(written, published, "");
  }

  /** Keys that nothing computes with; all others of the published file must be the same. */
  private static final List<String> NOT_WRITTEN =
      List.of(
          "attention_dropout",
          "hidden_dropout_prob",
          "projection_dropout",
          "initializer_range",
          "initializer_factor",
          "layer_scale_init_value",
          "projection_dim",
          "pretraining_tp",
          "use_cache",
          "layer_types",
          "max_window_layers",
          "sliding_window",
          "use_sliding_window",
          "attention_bias",
          "mlp_bias");

  private static void assertCovers(JsonNode written, JsonNode published, String place) {
    for (Map.Entry<String, JsonNode> entry : published.properties()) {
      String key = place + "/" + entry.getKey();
      JsonNode value = entry.getValue();
      JsonNode ours = written.path(entry.getKey());
      if (value.isObject()) {
        assertCovers(ours, value, key);
      } else if (value.isNull()) {
        assertThat(ours.isNull() || ours.isMissingNode()).as(key).isTrue();
      } else if (!ours.isMissingNode()) {
        assertThat(ours.isNumber() ? ours.asDouble() : ours)
            .as(key)
            .isEqualTo(value.isNumber() ? value.asDouble() : value);
      } else {
        assertThat(NOT_WRITTEN).as(key).contains(entry.getKey());
      }
    }
  }

  @Test
  void thePartsAreThePublishedParts() throws IOException {
    Path parts = temporary.resolve("parts-again");
    export.parts(imported("parts"), parts);
    Path published = WholeGolden.of("parts").folder();

    Map<String, WholeGolden.Tensor> vision = new TreeMap<>(tensors(published.resolve("vision")));
    vision.keySet().removeIf(name -> name.startsWith("vision_model.head."));
    assertBitEqual(tensors(parts.resolve("vision")), vision);
    assertThat(Json.read(parts.resolve("vision/config.json")).get("vision_use_head").asBoolean())
        .isFalse();

    Map<String, WholeGolden.Tensor> language = tensors(parts.resolve("language"));
    Map<String, WholeGolden.Tensor> before = tensors(published.resolve("language"));
    for (String table : List.of("model.embed_tokens.weight", "lm_head.weight")) {
      int length = before.get(table).values().length;
      assertThat(Arrays.copyOf(language.remove(table).values(), length))
          .as(table)
          .isEqualTo(before.remove(table).values());
    }
    assertBitEqual(language, before);
    assertThat(Files.readString(parts.resolve("language/tokenizer.json"), UTF_8))
        .contains("<image>");
  }

  @ParameterizedTest
  @MethodSource("io.tokenflex.GoldenNames#wholeModels")
  void anExportedModelIsImportedAsTheSameModel(String name) throws IOException {
    Path model = imported(name);
    Path left = emptied(FOR_PYTHON.resolve(name));
    export.whole(model, left.resolve("whole"));
    export.parts(model, left.resolve("parts"));

    Path again = temporary.resolve("again");
    WholeGolden.importFrom(left.resolve("whole"), again, WholeGolden.OPTIONS, progress);
    assertBitEqual(tensors(again), tensors(model));
    for (String file : WholeGolden.filesIn(model)) {
      boolean isConfig = file.equals(ModelFiles.CONFIG);
      if (isConfig && (name.contains("clip") || name.equals("llava"))) {
        continue; // a shorter tower
      }
      assertThat(again.resolve(file)).hasSameBinaryContentAs(model.resolve(file));
    }

    Path joined = temporary.resolve("joined");
    WholeGolden.importFrom(left.resolve("parts"), joined, WholeGolden.OPTIONS, progress);
    Map<String, WholeGolden.Tensor> halves = tensors(model);
    halves.keySet().removeIf(key -> key.startsWith("projector."));
    Map<String, WholeGolden.Tensor> joinedHalves = tensors(joined);
    joinedHalves.keySet().removeIf(key -> key.startsWith("projector."));
    assertBitEqual(joinedHalves, halves);
  }

  private static Path emptied(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> old = Files.walk(folder)) {
        for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
    return Files.createDirectories(folder);
  }

  @Test
  void bfloatWeightsAreTheNearestAndTheConfigurationSaysSo() throws IOException {
    Path model = imported("ristretto");
    Path left = emptied(FOR_PYTHON.resolve("ristretto-bf16"));
    ModelExport bf16 = new ModelExport(ElementType.BF16, progress::add);
    bf16.whole(model, left.resolve("whole"));
    bf16.parts(model, left.resolve("parts"));
    for (String config : List.of("whole", "parts/vision", "parts/language")) {
      assertThat(Json.read(left.resolve(config).resolve("config.json")).get("torch_dtype").asText())
          .isEqualTo("bfloat16");
    }
    Map<String, WholeGolden.Tensor> exact = tensors(model);
    tensors(left.resolve("whole"))
        .forEach(
            (name, tensor) -> {
              String ours = name.replace("vision_model.vision_model.", "vision_model.");
              float[] values = exact.get(ours).values();
              for (int i = 0; i < values.length; i++) {
                assertThat(Math.abs(tensor.values()[i] - values[i]))
                    .as(name)
                    .isLessThanOrEqualTo(Math.ulp(values[i]) * (1 << 15));
              }
            });
    Path again = temporary.resolve("again");
    WholeGolden.importFrom(left.resolve("whole"), again, WholeGolden.OPTIONS, progress);
    try (LoadedFolder loaded = new LoadedFolder(again)) {
      assertThat(loaded.config().projector().pooling()).isEqualTo(Pooling.INTERPOLATED);
    }
  }

  private Path scratch() throws IOException {
    Path model = Files.createDirectory(temporary.resolve("scratch"));
    byte[] tokenizer =
        Files.readAllBytes(
            WholeGolden.of("tokenflex_siglip_qwen2").folder().resolve(ModelFiles.TOKENIZER));
    ModelConfig config =
        new ModelConfig(
            new VisionConfig(16, 24, 1, 2, 24, 6, 1e-6),
            new ProjectorConfig(48, 1e-5, Pooling.ADAPTIVE),
            new LanguageConfig(308, 16, 24, 1, 2, 1, 8, 128, 1e4, 1e-6, true));
    List<TensorSource> tensors =
        TokenFlexModel.parameterSpecs(config).stream()
            .map(
                spec ->
                    new TensorSource(
                        spec.name(),
                        Arrays.stream(spec.shape().getShape()).boxed().toList(),
                        () ->
                            spec.initialization()
                                .values(spec.shape(), SeededHash.of(3, spec.name()).toRandom())))
            .toList();
    new ShardedSafetensorsWriter(ElementType.F32).write(model, tensors);
    Files.write(
        model.resolve(ModelFiles.CONFIG),
        ModelFiles.config(config, 307, WholeGolden.OPTIONS.counts()));
    Files.write(model.resolve(ModelFiles.TOKENIZER), tokenizer);
    Files.write(
        model.resolve(ModelFiles.PREPROCESSOR),
        ImageProcessorJson.write(ImageTransform.siglip(24)));
    return model;
  }

  @Test
  void aModelTrainedFromScratchIsToldToSpeakChatMlAndWhenToStop() throws IOException {
    Path left = emptied(FOR_PYTHON.resolve("scratch"));
    Path model = scratch();
    export.whole(model, left.resolve("whole"));
    export.parts(model, left.resolve("parts"));
    assertThat(Json.read(left.resolve("parts/language/config.json")).get("eos_token_id").isNull())
        .as("no default of a configuration class ends an answer")
        .isTrue();
    for (String folder : List.of("whole", "parts/language")) {
      Path written = left.resolve(folder);
      assertThat(Json.read(written.resolve(ModelFiles.GENERATION)).get("eos_token_id").longValue())
          .isEqualTo(302);
      try (HuggingFaceTokenizer tokenizer =
          new HuggingFaceTokenizer(Files.readAllBytes(written.resolve(ModelFiles.TOKENIZER)))) {
        List<Turn> turns =
            List.of(
                new Turn(Role.SYSTEM, "Be short."),
                new Turn(Role.USER, "<image>\nWhat is this?"),
                new Turn(Role.ASSISTANT, "A cat."),
                new Turn(Role.USER, "Sure?"));
        List<EncodedImage> images = List.of(new EncodedImage(new byte[1], 1, 1, "cat"));
        ChatTemplate template = ModelText.read(ModelText.Folder.of(written)).template(tokenizer);
        assertThat(template).isInstanceOf(JinjaChatTemplate.class);
        assertThat(template.encodePrompt("a", turns, images).ids())
            .isEqualTo(new ChatMlTemplate(tokenizer).encodePrompt("a", turns, images).ids());
      }
    }
  }

  @Test
  void weightsThatDoNotFitTheirConfigurationAreAllNamedAndNothingIsWritten() throws IOException {
    Path model = scratch();
    WholeGolden.rewrite(
        model,
        tensor ->
            switch (tensor.name()) {
              case "projector.f1.bias" -> null;
              case "projector.g.bias" ->
                  new TensorSource("optimizer.m", tensor.shape(), tensor.values());
              default -> tensor;
            });
    for (String kind : List.of("whole", "parts")) {
      assertThatThrownBy(
              () -> {
                if (kind.equals("whole")) {
                  export.whole(model, temporary.resolve("out"));
                } else {
                  export.parts(model, temporary.resolve("out"));
                }
              })
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("scratch: 3 tensors do not fit its config.json: ")
          .hasMessageContaining("missing projector.f1.bias [48]; missing projector.g.bias [16]")
          .hasMessageContaining("unexpected optimizer.m");
    }
    assertThat(WholeGolden.filesIn(temporary)).containsExactly("scratch");
  }

  @Test
  void aFolderThatIsNotEmptyIsLeftAlone() throws IOException {
    Path model = scratch();
    assertThatThrownBy(() -> export.whole(model, model))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> export.parts(model, model))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void progressEndsWithTheFolder() throws IOException {
    Path model = scratch();
    progress.clear();
    export.whole(model, temporary.resolve("whole"));
    int total = tensors(model).size();
    assertThat(progress)
        .containsExactly(
            String.format(Locale.ROOT, "exported %d of %d tensors", total, total),
            "wrote " + temporary.resolve("whole"));
  }
}
