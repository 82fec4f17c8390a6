package io.tokenflex.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.Parity;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.model.VisionFamily;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.safetensors.TensorInfo;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Published folders, imported, compute what transformers computes with them. */
class ModelImportGoldenTest {
  private static final double RELATIVE_LOSS = 1e-6;
  private static final String EMBEDDINGS = "language_model.model.embed_tokens.weight";
  private static final String HEAD = "language_model.lm_head.weight";

  @TempDir private Path temporary;

  private LoadedFolder imported(WholeGolden golden, ModelImport.Options options, String out)
      throws IOException {
    golden.importInto(temporary.resolve(out), options, new ArrayList<>());
    return new LoadedFolder(temporary.resolve(out));
  }

  @ParameterizedTest
  @MethodSource({"io.tokenflex.GoldenNames#wholeModels", "io.tokenflex.GoldenNames#savedModels"})
  void towerAndLanguageModelComputeWhatTheyComputedBefore(String name) throws IOException {
    WholeGolden golden = WholeGolden.of(name);
    try (LoadedFolder model = imported(golden, WholeGolden.OPTIONS, "model")) {
      assertThat(model.imageTokenId())
          .isEqualTo(golden.expected().config().get("image_token_id").longValue());
      double features =
          Parity.maxDifference(
              name + " features",
              model.features(golden.pictures()),
              golden.expected().floats("outputs.features"));
      float[] logits =
          model.logits(golden.expected().longs("inputs.text_ids"), LoadedFolder.Pictures.NONE, 1);
      double text =
          Parity.maxDifference(
              name + " text",
              firstColumns(logits, model.config().language().vocabSize(), golden),
              golden.expected().floats("outputs.text_logits"));
      Parity.record("whole", name, "features", features);
      Parity.record("whole", name, "text logits", text);
      System.out.printf("%s: max difference of features %.1e, text %.1e%n", name, features, text);
    }
  }

  /** A model whose tokenizer needed another row has a logit more than the published one. */
  private static float[] firstColumns(float[] logits, int vocabSize, WholeGolden golden) {
    int published = (int) golden.expected().shape("outputs.text_logits").get(2);
    int rows = logits.length / vocabSize;
    float[] first = new float[rows * published];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(logits, row * vocabSize, first, row * published, published);
    }
    return first;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenflex_siglip_qwen2",
        "tokenflex_clip_llama3",
        "tokenflex_internvl_qwen3",
        "ristretto"
      })
  void logitsLossAndAnswersWithPicturesEqualTheReferenceAtEveryCount(String name)
      throws IOException {
    WholeGolden golden = WholeGolden.of(name);
    assertThat(golden.counts()).hasSizeGreaterThan(1);
    try (LoadedFolder model = imported(golden, WholeGolden.OPTIONS, "model")) {
      double worstLogits = 0;
      double worstLoss = 0;
      for (int n : golden.counts()) {
        long[] ids = golden.expected().longs("inputs.input_ids." + n);
        float[] expected = golden.expected().floats("outputs.logits." + n);
        float[] actual = model.logits(ids, golden.pictures(), n);
        worstLogits =
            Math.max(worstLogits, Parity.maxDifference(name + " at " + n, actual, expected));

        long[] labels = golden.expected().longs("inputs.labels." + n);
        double loss = model.loss(ids, labels, golden.pictures(), n);
        double expectedLoss = golden.expected().floats("outputs.loss." + n)[0];
        assertThat(loss).isCloseTo(expectedLoss, within(RELATIVE_LOSS * expectedLoss));
        worstLoss = Math.max(worstLoss, Math.abs(loss - expectedLoss));

        long[] prompt = golden.expected().longs("inputs.prompt_ids." + n);
        long[] answer = golden.expected().longs("outputs.generate." + n);
        assertThat(model.greedy(prompt, golden.pictures(), n, answer.length)).isEqualTo(answer);
      }
      Parity.record("whole", name, "logits", worstLogits);
      Parity.record("whole", name, "loss", worstLoss);
      System.out.printf(
          "%s at %s: max difference of logits %.1e, summed loss %.1e, answers equal%n",
          name, golden.counts(), worstLogits, worstLoss);
    }
  }

  @Test
  void configurationsAreThoseOfThePublishedModels() throws IOException {
    try (LoadedFolder clip = imported(WholeGolden.of("tokenflex_clip_llama3"), options(), "a");
        LoadedFolder ristretto = imported(WholeGolden.of("ristretto"), options(), "b");
        LoadedFolder llava = imported(WholeGolden.of("llava"), options(), "c");
        LoadedFolder chat = imported(WholeGolden.of("internvl_chat"), options(), "d")) {
      VisionConfig vision = clip.config().vision();
      assertThat(vision.family()).isEqualTo(VisionFamily.CLIP);
      assertThat(vision.numHiddenLayers()).isEqualTo(3);
      assertThat(vision.featureLayer()).isEqualTo(-2);
      assertThat(clip.config().projector().intermediateSize()).isEqualTo(40);
      assertThat(clip.config().language().headDim()).isEqualTo(8);
      assertThat(clip.config().language().tieWordEmbeddings()).isFalse();
      assertThat(ristretto.config().projector().pooling()).isEqualTo(Pooling.INTERPOLATED);
      assertThat(ristretto.config().projector().intermediateSize()).isEqualTo(3 * 16);
      assertThat(llava.config().vision().featureLayer()).isEqualTo(-2);
      assertThat(llava.config().projector().pooling()).isEqualTo(Pooling.ADAPTIVE);
      assertThat(llava.config().projector().layerNormEps()).isEqualTo(1e-5);
      assertThat(chat.config().vision().family()).isEqualTo(VisionFamily.INTERNVIT);
    }
    for (String tiled : List.of("b", "d")) {
      JsonNode pixels = Json.read(temporary.resolve(tiled).resolve(ModelFiles.PREPROCESSOR));
      assertThat(pixels.get("crop_to_patches").booleanValue()).as("dynamic_image_size").isTrue();
      assertThat(pixels.get("min_patches").intValue()).isEqualTo(1);
    }
  }

  private static ModelImport.Options options() {
    return WholeGolden.OPTIONS;
  }

  @Test
  void aTokenBeyondTheEmbeddingRowsGetsTheMeanOfAllRows() throws IOException {
    WholeGolden golden = WholeGolden.of("parts");
    Map<String, WholeGolden.Tensor> published =
        WholeGolden.tensors(golden.folder().resolve("language"));
    try (LoadedFolder model = imported(golden, options(), "model")) {
      int rows = model.config().language().vocabSize();
      assertThat(model.imageTokenId()).isEqualTo(rows - 1);
      for (String name : List.of(EMBEDDINGS, HEAD)) {
        float[] table = model.weights(name);
        String theirs = name.substring("language_model.".length());
        float[] before = published.get(theirs).values();
        assertThat(table).hasSize(before.length + 16);
        assertThat(Arrays.copyOf(table, before.length)).isEqualTo(before);
        for (int column = 0; column < 16; column++) {
          double sum = 0;
          for (int at = column; at < before.length; at += 16) {
            sum += before[at];
          }
          assertThat((double) table[before.length + column])
              .isCloseTo(sum / published.get(theirs).shape().get(0), within(1e-7));
        }
      }
    }
  }

  @Test
  void atAnotherImageSizePositionsAreInterpolatedAsTransformersDoes() throws IOException {
    WholeGolden golden = WholeGolden.of("parts");
    List<String> progress = new ArrayList<>();
    golden.importInto(temporary.resolve("larger"), with(Optional.of(42), 7), progress);
    assertThat(progress).contains("position embeddings: interpolated from 5 x 5 to 7 x 7 patches");
    try (LoadedFolder model = new LoadedFolder(temporary.resolve("larger"))) {
      LoadedFolder.Pictures larger =
          new LoadedFolder.Pictures(golden.expected().floats("inputs.larger.pixel_values"), 1);
      double features =
          Parity.maxDifference(
              "larger",
              model.features(larger),
              golden.expected().floats("outputs.larger.features"));
      Parity.record("whole", "parts", "features at another size", features);
      System.out.printf("parts at 42 pixels: max difference of features %.1e%n", features);
    }
    assertThat(Json.read(temporary.resolve("larger").resolve(ModelFiles.PREPROCESSOR)).at("/size"))
        .hasToString("{\"height\":42,\"width\":42}");
  }

  private static ModelImport.Options with(Optional<Integer> imageSize, long seed) {
    return new ModelImport.Options(
        imageSize, -1, Optional.of(20), WholeGolden.OPTIONS.counts(), ElementType.F32, seed);
  }

  @Test
  void aNewProjectorComesFromTheSeedAlone() throws IOException {
    WholeGolden golden = WholeGolden.of("parts");
    golden.importInto(temporary.resolve("a"), with(Optional.empty(), 1), new ArrayList<>());
    golden.importInto(temporary.resolve("b"), with(Optional.empty(), 1), new ArrayList<>());
    golden.importInto(temporary.resolve("c"), with(Optional.empty(), 2), new ArrayList<>());
    assertThat(temporary.resolve("a").resolve(ModelFiles.WEIGHTS))
        .hasSameBinaryContentAs(temporary.resolve("b").resolve(ModelFiles.WEIGHTS));
    var one = WholeGolden.tensors(temporary.resolve("a"));
    var other = WholeGolden.tensors(temporary.resolve("c"));
    assertThat(one.get("projector.f1.weight").shape()).containsExactly(20L, 16L);
    for (String name : one.keySet()) {
      boolean isRandom = name.startsWith("projector.") && !name.contains("norm") && isMatrix(name);
      assertThat(Arrays.equals(one.get(name).values(), other.get(name).values()))
          .as(name)
          .isNotEqualTo(isRandom);
    }
  }

  private static boolean isMatrix(String name) {
    return name.endsWith(".weight");
  }

  @Test
  void weightsCanBeWrittenInHalfTheSize() throws IOException {
    WholeGolden golden = WholeGolden.of("llava");
    ModelImport.Options bf16 =
        new ModelImport.Options(
            Optional.empty(), -1, Optional.empty(), options().counts(), ElementType.BF16, 7);
    golden.importInto(temporary.resolve("bf16"), bf16, new ArrayList<>());
    try (SafetensorsFolder folder = SafetensorsFolder.open(temporary.resolve("bf16"))) {
      assertThat(folder.tensors().values())
          .extracting(TensorInfo::elementType)
          .containsOnly(ElementType.BF16);
    }
    assertThat(Files.exists(temporary.resolve("bf16").resolve("tokenizer_config.json"))).isTrue();
  }
}
