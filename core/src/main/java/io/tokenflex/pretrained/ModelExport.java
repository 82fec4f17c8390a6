package io.tokenflex.pretrained;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.model.VisionFamily;
import io.tokenflex.weights.ModelFiles;
import io.tokenflex.weights.SafetensorsFolder;
import io.tokenflex.weights.ShardedSafetensorsWriter;
import io.tokenflex.weights.TensorInfo.ElementType;
import io.tokenflex.weights.TensorSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Turns a model folder into one that Python's transformers load: as a whole, with the model's code
 * beside it ({@code trust_remote_code}), and as two parts with {@code from_pretrained} alone.
 *
 * <p>Layers above a tower's feature layer were never trained and are not written: the tower is a
 * shorter one of the same family.
 */
public final class ModelExport {
  private static final String CODE = "modeling_tokenflex.py";
  private static final String CLASS = "modeling_tokenflex.TokenFlexForConditionalGeneration";
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final String CHAT_ML =
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' +"
          + " message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if"
          + " add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final ElementType elementType;
  private final Consumer<String> progress;

  /**
   * Prepares an export.
   *
   * @param elementType in which weights are written; F32 loses nothing
   * @param progress told in words what is done
   */
  public ModelExport(ElementType elementType, Consumer<String> progress) {
    this.elementType = requireNonNull(elementType, "elementType");
    this.progress = requireNonNull(progress, "progress");
  }

  /**
   * Writes the whole model.
   *
   * @param model a model folder, for instance a checkpoint
   * @param out folder to be made
   * @throws IOException if a folder cannot be read or written
   */
  public void whole(Path model, Path out) throws IOException {
    NewFolder folder = new NewFolder(out);
    ExportedModel exported = ExportedModel.read(model);
    try (SafetensorsFolder tensors = SafetensorsFolder.open(model)) {
      folder.fill(
          staging -> {
            List<TensorSource> all =
                Stream.of(
                        below(ModelFormat.VISION, exported.vision(tensors)).stream(),
                        exported.projector(tensors).stream(),
                        below(ModelFormat.LANGUAGE, exported.language(tensors)).stream())
                    .flatMap(part -> part)
                    .toList();
            write(all, staging);
            writeJson(staging.resolve(ModelFiles.CONFIG), wholeConfig(exported));
            try (InputStream code = ModelExport.class.getResourceAsStream(CODE)) {
              Files.copy(code, staging.resolve(CODE));
            }
            Files.copy(
                model.resolve(ModelFiles.PREPROCESSOR), staging.resolve(ModelFiles.PREPROCESSOR));
            copyText(model, staging);
          });
    }
    progress.accept("wrote " + out);
  }

  /**
   * Writes the vision tower and the language model, each as a folder of its own: {@code vision} and
   * {@code language}.
   *
   * @param model a model folder, for instance a checkpoint
   * @param out folder to be made
   * @throws IOException if a folder cannot be read or written
   */
  public void parts(Path model, Path out) throws IOException {
    NewFolder folder = new NewFolder(out);
    ExportedModel exported = ExportedModel.read(model);
    try (SafetensorsFolder tensors = SafetensorsFolder.open(model)) {
      folder.fill(
          staging -> {
            Path vision = Files.createDirectory(staging.resolve("vision"));
            write(exported.vision(tensors), vision);
            writeJson(vision.resolve(ModelFiles.CONFIG), visionConfig(exported));
            Files.copy(
                model.resolve(ModelFiles.PREPROCESSOR), vision.resolve(ModelFiles.PREPROCESSOR));
            Path language = Files.createDirectory(staging.resolve("language"));
            write(exported.language(tensors), language);
            writeJson(
                language.resolve(ModelFiles.CONFIG),
                PretrainedLanguageConfig.write(exported.config().language()));
            copyText(model, language);
          });
    }
    progress.accept("wrote " + out);
  }

  private void write(List<TensorSource> tensors, Path folder) throws IOException {
    TensorProgress copied = new TensorProgress("exported", tensors.size(), progress);
    new ShardedSafetensorsWriter(elementType)
        .write(folder, tensors.stream().map(copied::counting).toList());
  }

  private static List<TensorSource> below(String prefix, List<TensorSource> tensors) {
    return tensors.stream()
        .map(tensor -> new TensorSource(prefix + tensor.name(), tensor.shape(), tensor.values()))
        .toList();
  }

  private ObjectNode wholeConfig(ExportedModel exported) {
    ObjectNode root = JSON.createObjectNode();
    root.put("model_type", ModelFormat.TOKENFLEX.modelType());
    root.putArray("architectures").add("TokenFlexForConditionalGeneration");
    root.putObject("auto_map")
        .put("AutoConfig", "modeling_tokenflex.TokenFlexConfig")
        .put("AutoModel", CLASS)
        .put("AutoModelForCausalLM", CLASS);
    root.put("torch_dtype", torchType());
    root.set("image_token_id", exported.json().get("image_token_id"));
    root.set("vision_token_counts", exported.json().get("vision_token_counts"));
    root.put("vision_feature_layer", exported.tower().featureLayer());
    root.set("vision_config", PretrainedVisionConfig.write(exported.format(), exported.tower()));
    root.set("projector_config", exported.json().get("projector_config"));
    root.set("text_config", PretrainedLanguageConfig.write(exported.config().language()));
    root.put("tie_word_embeddings", exported.config().language().tieWordEmbeddings());
    return root;
  }

  private ObjectNode visionConfig(ExportedModel exported) {
    ObjectNode config = PretrainedVisionConfig.write(exported.format(), exported.tower());
    return config.put("torch_dtype", torchType());
  }

  private String torchType() {
    return switch (elementType) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default -> "float32";
    };
  }

  /** A model trained from scratch speaks ChatML and has no file that says so. */
  private static void copyText(Path model, Path to) throws IOException {
    Files.copy(model.resolve(ModelFiles.TOKENIZER), to.resolve(ModelFiles.TOKENIZER));
    ModelTextFiles.copy(model, to);
    if (!Files.exists(to.resolve(TOKENIZER_CONFIG))) {
      ObjectNode config = JSON.createObjectNode();
      config
          .put("tokenizer_class", "PreTrainedTokenizerFast")
          .put("eos_token", "<|im_end|>")
          .put("clean_up_tokenization_spaces", false)
          .put("chat_template", CHAT_ML);
      writeJson(to.resolve(TOKENIZER_CONFIG), config);
    }
  }

  private static void writeJson(Path file, JsonNode json) throws IOException {
    Files.write(file, JSON.writeValueAsBytes(json));
  }

  /**
   * A model folder and how its parts are published.
   *
   * @param json its {@code config.json}
   * @param tower as it is written: no layer above the feature layer
   */
  private record ExportedModel(
      ModelConfig config, JsonNode json, VisionFormat format, VisionConfig tower) {
    static ExportedModel read(Path model) throws IOException {
      Path file = model.resolve(ModelFiles.CONFIG);
      byte[] bytes = Files.readAllBytes(file);
      ModelConfig config = ModelFiles.readConfig(bytes, file.toString());
      return new ExportedModel(
          config,
          JSON.readTree(bytes),
          switch (config.vision().family()) {
            case SIGLIP -> VisionFormat.SIGLIP;
            case CLIP -> VisionFormat.CLIP;
            case INTERNVIT -> VisionFormat.INTERNVL;
          },
          config.vision().withoutUnbuiltLayers());
    }

    List<TensorSource> vision(SafetensorsFolder tensors) {
      List<TensorSource> published =
          new ArrayList<>(published(tensors, "vision_model.", format.names(tower)));
      boolean isNormed = tower.family() == VisionFamily.INTERNVIT || tower.hasPostNorm();
      if (!isNormed) { // the class has a norm there, which nothing here reads
        published.add(constant("vision_model.post_layernorm.weight", 1));
        published.add(constant("vision_model.post_layernorm.bias", 0));
      }
      return published;
    }

    private TensorSource constant(String name, float value) {
      int width = tower.hiddenSize();
      return new TensorSource(
          name,
          List.of((long) width),
          () -> {
            float[] values = new float[width];
            Arrays.fill(values, value);
            return values;
          });
    }

    List<TensorSource> projector(SafetensorsFolder tensors) {
      return tensors.tensors().values().stream()
          .filter(tensor -> tensor.name().startsWith(ModelFormat.PROJECTOR))
          .map(
              tensor ->
                  new TensorSource(
                      tensor.name(), tensor.shape(), () -> tensors.readFloats(tensor.name())))
          .toList();
    }

    List<TensorSource> language(SafetensorsFolder tensors) {
      return published(tensors, "language_model.", DecoderNames.of(config.language()));
    }

    private static List<TensorSource> published(
        SafetensorsFolder tensors, String part, NameTable names) {
      List<TensorSource> published = new ArrayList<>();
      for (String our : tensors.tensors().keySet()) {
        if (!our.startsWith(part)) {
          continue;
        }
        NameTable.Row row =
            names
                .findOurs(our)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "%s: no published name is known for %s; is config.json the one of these weights?"
                                .formatted(tensors, our)));
        if (row.ours().get(0).equals(our)) {
          published.add(stacked(tensors, row));
        }
      }
      return published;
    }

    private static TensorSource stacked(SafetensorsFolder tensors, NameTable.Row row) {
      long[] ours =
          tensors.tensors().get(row.ours().get(0)).shape().stream()
              .mapToLong(Long::longValue)
              .toArray();
      List<Long> shape = Arrays.stream(row.publishedShape(ours)).boxed().toList();
      return new TensorSource(
          row.published(),
          shape,
          () -> {
            float[] all = new float[0];
            for (String our : row.ours()) {
              float[] one = tensors.readFloats(our);
              int from = all.length;
              all = from == 0 ? one : Arrays.copyOf(all, from + one.length);
              if (from > 0) {
                System.arraycopy(one, 0, all, from, one.length);
              }
            }
            return all;
          });
    }
  }
}
