package io.tokenflex.convert;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.json.PythonJson;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.ProjectorConfig;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.modelfolder.ImageProcessorJson;
import io.tokenflex.names.DecoderNames;
import io.tokenflex.names.ModelFormat;
import io.tokenflex.names.NameTable;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.text.EndTokens;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Opened folders of a published model: configurations, text files and tensors.
 *
 * @param projector empty if it is not imported
 * @param textFolder contains the tokenizer and the chat template
 * @param names the tensors' name table, given the language model
 * @param headFromTable whether the LM head starts as a copy of the embedding table because an
 *     adapter unties them
 * @param endIds end-of-answer token ids, used if the folder has no {@code generation_config.json}
 */
record PublishedModel(
    VisionConfig vision,
    Optional<ProjectorConfig> projector,
    LanguageConfig language,
    ImageTransform imageTransform,
    Path textFolder,
    List<Long> endIds,
    Function<LanguageConfig, NameTable> names,
    boolean headFromTable,
    List<ImportPlan.Source> sources)
    implements Closeable {
  private static final String CONFIG = "config.json";

  /** A vision tower and a language model that were published separately. */
  static PublishedModel ofParts(Path visionFolder, Path languageFolder, int featureLayer)
      throws IOException {
    JsonNode visionJson = json(visionFolder.resolve(CONFIG));
    String visionPlace = visionFolder.resolve(CONFIG).toString();
    VisionConfig vision =
        PretrainedVisionConfig.read(visionJson, visionPlace).withFeatureLayer(featureLayer);
    NameTable visionNames = PretrainedVisionConfig.format(visionJson, visionPlace).names(vision);
    JsonNode languageJson = json(languageFolder.resolve(CONFIG));
    String languagePlace = languageFolder.resolve(CONFIG).toString();
    LanguageConfig language = PretrainedLanguageConfig.read(languageJson, languagePlace);
    List<Long> endIds = EndTokens.in(languageJson, languagePlace);
    ImageTransform transform = PublishedImageProcessor.transformIn(visionFolder);
    List<ImportPlan.Source> sources = new ArrayList<>();
    try {
      sources.add(new ImportPlan.Source(SafetensorsFolder.open(visionFolder), visionNames));
      SafetensorsFolder tensors = SafetensorsFolder.open(languageFolder);
      sources.add(new ImportPlan.Source(tensors, DecoderNames.of(language)));
      LanguageConfig settled = TiedTables.settle(language, false, tensors, DecoderNames::of);
      return new PublishedModel(
          vision,
          Optional.empty(),
          settled,
          transform,
          languageFolder,
          endIds,
          DecoderNames::of,
          false,
          sources);
    } catch (IOException | RuntimeException e) {
      close(sources);
      throw e;
    }
  }

  /** A whole vision-language model. */
  static PublishedModel ofWhole(Path folder) throws IOException {
    String place = folder.resolve(CONFIG).toString();
    JsonNode json = json(folder.resolve(CONFIG));
    ModelFormat format = ModelFormat.of(json, place);
    if (format == ModelFormat.TOKENFLEX && json.at("/vision_config/feature_layer").isInt()) {
      throw new InvalidInputException(
          place + " is that of a model folder; train from it as it is, or export it first");
    }
    VisionConfig vision =
        format.withFeatureLayer(PretrainedVisionConfig.read(json, place), json, place);
    JsonNode languageJson = format.languageConfig(json, place);
    LanguageConfig language = PretrainedLanguageConfig.read(languageJson, place);
    List<Long> outer = EndTokens.in(json, place);
    List<Long> endIds = outer.isEmpty() ? EndTokens.in(languageJson, place) : outer;
    NameTable visionNames = PretrainedVisionConfig.format(json, place).names(vision);
    Function<LanguageConfig, NameTable> names =
        settled -> format.names(visionNames, DecoderNames.of(settled));
    SafetensorsFolder tensors = SafetensorsFolder.open(folder);
    try {
      LanguageConfig settled = TiedTables.settle(language, format.isTied(json), tensors, names);
      return new PublishedModel(
          vision,
          format.projectorPooling().map(pooling -> projector(json, vision, pooling)),
          settled,
          transform(format, folder, json),
          folder,
          endIds,
          names,
          false,
          List.of(new ImportPlan.Source(tensors, names.apply(settled))));
    } catch (IOException | RuntimeException e) {
      tensors.close();
      throw e;
    }
  }

  /** This model with an adapter, which is merged when tensors are read. */
  PublishedModel merging(PeftAdapter adapter) {
    LanguageConfig untied = language.withTieWordEmbeddings(false);
    boolean splits =
        language.tieWordEmbeddings() && TiedTables.areSplitBy(adapter, names.apply(untied));
    LanguageConfig merged = splits ? untied : language;
    return new PublishedModel(
        vision,
        projector,
        merged,
        imageTransform,
        textFolder,
        endIds,
        names,
        splits,
        sources.stream()
            .map(source -> source.named(names.apply(merged)).merging(adapter))
            .toList());
  }

  private static ProjectorConfig projector(JsonNode json, VisionConfig vision, Pooling pooling) {
    JsonNode projector = json.path("projector_config"); // Ristretto has none: its sizes are fixed
    return new ProjectorConfig(
        projector.path("intermediate_size").asInt(3 * vision.hiddenSize()),
        projector.path("layer_norm_eps").asDouble(ModelImport.LAYER_NORM_EPS),
        projector.has("pooling")
            ? Pooling.of(
                projector
                    .get("pooling")
                    .asText()) // an exported TokenFLEX fine-tuned from Ristretto
            : pooling);
  }

  private static ImageTransform transform(ModelFormat format, Path folder, JsonNode json)
      throws IOException {
    if (format == ModelFormat.INTERNVL_CHAT || format == ModelFormat.RISTRETTO) {
      Path config = folder.resolve(CONFIG);
      return ImageProcessorJson.readInternVl(
          PythonJson.write(json),
          config.toString(),
          PublishedImageProcessor.in(folder).map(PublishedImageProcessor::json));
    }
    return PublishedImageProcessor.transformIn(folder);
  }

  private static JsonNode json(Path file) throws IOException {
    return PythonJson.read(read(file), file.toString());
  }

  private static byte[] read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(
          file.toString(), null, "a published folder has one; download the model's whole folder");
    }
    return Files.readAllBytes(file);
  }

  @Override
  public void close() throws IOException {
    close(sources);
  }

  private static void close(List<ImportPlan.Source> sources) throws IOException {
    for (ImportPlan.Source source : sources) {
      source.folder().close();
    }
  }
}
