package io.tokenflex.convert;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.json.PythonJson;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.lora.PeftConfig;
import io.tokenflex.modelfolder.ManifestDigests;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.names.ModelFormat;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.safetensors.ShardedSafetensorsWriter;
import io.tokenflex.safetensors.TensorInfo;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import io.tokenflex.safetensors.TensorSource;
import io.tokenflex.text.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Exports a model folder for transformers: as a whole model with its own code ({@code
 * trust_remote_code}), or as vision tower and language model that {@code from_pretrained} loads
 * without code.
 *
 * <p>Layers above the vision tower's feature layer are not trained and not written; the exported
 * tower has fewer layers.
 */
public final class ModelExport {
  private static final String CODE = "modeling_tokenflex.py";
  private static final String CLASS = "modeling_tokenflex.TokenFlexForConditionalGeneration";
  private static final String TOKENIZER_CONFIG = ModelTextFiles.TOKENIZER_CONFIG;
  private static final String CHAT_ML =
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' +"
          + " message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if"
          + " add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final ElementType elementType;
  private final Consumer<String> progress;

  /**
   * Creates an exporter.
   *
   * @param elementType element type of the written weights; F32 is lossless
   * @param progress receives readable progress messages
   */
  public ModelExport(ElementType elementType, Consumer<String> progress) {
    this.elementType = requireNonNull(elementType, "elementType");
    this.progress = requireNonNull(progress, "progress");
  }

  /**
   * Exports the whole model.
   *
   * @param model a model folder, for instance a checkpoint
   * @param out the folder to create
   * @throws IOException if a folder cannot be read or written
   * @throws IllegalArgumentException naming all tensors that do not match the model's configuration
   */
  public void whole(Path model, Path out) throws IOException {
    NewFolder folder = new NewFolder(out);
    ManifestDigests.check(model);
    ExportedModel exported = ExportedModel.read(model);
    try (SafetensorsFolder tensors = SafetensorsFolder.open(model)) {
      exported.check(tensors);
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
   * Exports vision tower and language model to the subfolders {@code vision} and {@code language}.
   *
   * @param model a model folder, for instance a checkpoint
   * @param out the folder to create
   * @throws IOException if a folder cannot be read or written
   * @throws IllegalArgumentException naming all tensors that do not match the model's configuration
   */
  public void parts(Path model, Path out) throws IOException {
    NewFolder folder = new NewFolder(out);
    ManifestDigests.check(model);
    ExportedModel exported = ExportedModel.read(model);
    try (SafetensorsFolder tensors = SafetensorsFolder.open(model)) {
      exported.check(tensors);
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
                PretrainedLanguageConfig.write(exported.config().language())
                    .put("torch_dtype", torchType()));
            copyText(model, language);
          });
    }
    progress.accept("wrote " + out);
  }

  /**
   * Exports a LoRA adapter in PEFT's format, without base weights.
   *
   * @param adapter for instance the folder {@code adapter} of a checkpoint
   * @param out the folder to create
   * @throws IOException if a folder cannot be read or written
   * @throws IllegalArgumentException if there is no adapter, because the model was trained in full
   */
  public void adapter(Path adapter, Path out) throws IOException {
    if (!Files.exists(adapter.resolve(PeftConfig.FILE_NAME))) {
      throw new InvalidInputException(
          "There is no adapter in %s: no checkpoint of a run with train.lora; export the whole model"
              .formatted(adapter));
    }
    ManifestDigests.check(adapter);
    NewFolder folder = new NewFolder(out);
    try (SafetensorsFolder tensors = SafetensorsFolder.open(adapter, PeftAdapter.BASE_NAME)) {
      List<TensorSource> all = new ArrayList<>();
      for (TensorInfo tensor : tensors.tensors().values()) {
        String name = tensor.name();
        all.add(new TensorSource(name, tensor.shape(), () -> tensors.readWeights(name)));
      }
      folder.fill(
          staging -> {
            new ShardedSafetensorsWriter(elementType, Long.MAX_VALUE)
                .write(name -> Files.newOutputStream(staging.resolve(PeftAdapter.WEIGHTS)), all);
            Files.copy(
                adapter.resolve(PeftConfig.FILE_NAME), staging.resolve(PeftConfig.FILE_NAME));
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

  /**
   * Copies the tokenizer files. A model trained from scratch has no {@code tokenizer_config.json}:
   * one with the ChatML template is written. Without a {@code generation_config.json}, the
   * end-of-turn token is recorded there, because the exported {@code config.json} names no special
   * tokens.
   */
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
      List.of("input_ids", "attention_mask").forEach(config.putArray("model_input_names")::add);
      writeJson(to.resolve(TOKENIZER_CONFIG), config);
    }
    if (!Files.exists(to.resolve(ModelFiles.GENERATION))) {
      writeEndOfTurn(to);
    }
  }

  private static void writeEndOfTurn(Path to) throws IOException {
    Optional<String> end = endToken(to);
    try (HuggingFaceTokenizer tokenizer =
        new HuggingFaceTokenizer(Files.readAllBytes(to.resolve(ModelFiles.TOKENIZER)))) {
      if (end.isPresent() && tokenizer.specialTokens().contains(end.get())) {
        long id = tokenizer.specialTokenId(end.get());
        Files.write(to.resolve(ModelFiles.GENERATION), ModelFiles.generation(id));
      }
    }
  }

  private static Optional<String> endToken(Path folder) throws IOException {
    JsonNode token =
        PythonJson.read(Files.readAllBytes(folder.resolve(TOKENIZER_CONFIG)), TOKENIZER_CONFIG)
            .path("eos_token");
    String content = token.isTextual() ? token.asText() : token.path("content").asText("");
    return content.isEmpty() ? Optional.empty() : Optional.of(content);
  }

  private static void writeJson(Path file, JsonNode json) throws IOException {
    Files.write(file, JSON.writeValueAsBytes(json));
  }
}
