package io.tokenflex.convert;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.ProjectorConfig;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.modelfolder.ImageProcessorJson;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.safetensors.ShardedSafetensorsWriter;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import io.tokenflex.safetensors.TensorSource;
import io.tokenflex.samples.Sample;
import io.tokenflex.text.HuggingFaceTokenizer;
import io.tokenflex.text.ModelText;
import io.tokenflex.text.TokenizerFiles;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Imports published Hugging Face models into a model folder to train from: a vision tower and a
 * language model, or a whole vision-language model.
 *
 * <p>Tensors are copied one at a time and bit for bit (except conversion to the element type), so
 * memory is bounded by the largest tensor.
 */
public final class ModelImport {
  /** PyTorch's default, used by the published projector. */
  static final double LAYER_NORM_EPS = 1e-5;

  private static final int PROJECTOR_WIDTHS = 3;

  private final Options options;
  private final Consumer<String> progress;

  /**
   * Options of an import.
   *
   * @param imageSize if it differs from the published one, position embeddings are interpolated
   * @param featureLayer for a separately published tower; counted as transformers counts {@code
   *     vision_feature_layer}
   * @param projectorWidth intermediate size of a new projector; 3 x visionHiddenSize if empty
   * @param counts vision tokens per image that training will draw, recorded in the folder
   * @param elementType element type of the written weights; F32 is lossless
   * @param seed initializes a new projector
   */
  public record Options(
      Optional<Integer> imageSize,
      int featureLayer,
      Optional<Integer> projectorWidth,
      List<VisionTokenCount> counts,
      ElementType elementType,
      long seed) {
    public Options {
      requireNonNull(imageSize, "imageSize");
      requireNonNull(projectorWidth, "projectorWidth");
      counts = List.copyOf(counts);
      requireNonNull(elementType, "elementType");
    }

    /** Published image size, last layer, fp32. */
    public static Options defaults() {
      return new Options(
          Optional.empty(),
          VisionConfig.LAST_LAYER,
          Optional.empty(),
          List.of(VisionTokenCount.of(64), VisionTokenCount.of(144), VisionTokenCount.of(256)),
          ElementType.F32,
          1);
    }
  }

  /**
   * Creates an importer.
   *
   * @param progress receives readable progress messages
   */
  public ModelImport(Options options, Consumer<String> progress) {
    this.options = requireNonNull(options, "options");
    this.progress = requireNonNull(progress, "progress");
  }

  /**
   * Joins a vision tower and a language model with a newly initialized projector.
   *
   * @param out the folder to create
   * @throws IOException if a folder cannot be read or written
   * @throws IllegalArgumentException naming what is unsupported or does not match, all tensors
   *     together; nothing is written
   */
  public void fromParts(Path vision, Path language, Path out) throws IOException {
    try (PublishedModel published =
        PublishedModel.ofParts(vision, language, options.featureLayer())) {
      write(published, out);
    }
  }

  /**
   * Imports a whole model: InternVL, LLaVA, Ristretto or an exported TokenFLEX.
   *
   * @param out the folder to create
   * @throws IOException if a folder cannot be read or written
   * @throws IllegalArgumentException naming what is unsupported or does not match, all tensors
   *     together; nothing is written
   */
  public void fromModel(Path model, Path out) throws IOException {
    try (PublishedModel published = PublishedModel.ofWhole(model)) {
      write(published, out);
    }
  }

  /**
   * Imports a whole model with a PEFT adapter merged into it: W + scale B A replaces W, and fully
   * trained modules ({@code modules_to_save}) replace the base weights.
   *
   * @param adapter a folder saved by PEFT for a model with the tensor names of {@code model}
   * @param out the folder to create
   * @throws IOException if a folder cannot be read or written
   * @throws IllegalArgumentException naming what is unsupported or does not match, all tensors
   *     together; nothing is written
   */
  public void fromModel(Path model, PeftAdapter adapter, Path out) throws IOException {
    try (PublishedModel published = PublishedModel.ofWhole(model)) {
      write(published.merging(adapter), out);
      progress.accept("merged " + adapter);
    }
  }

  private void write(PublishedModel published, Path out) throws IOException {
    NewFolder folder = new NewFolder(out);
    TokenizerFiles.WithToken tokenizer = tokenizer(published.textFolder());
    ModelConfig config = config(published, tokenizer);
    ImageTransform transform =
        options.imageSize().isPresent()
            ? published.imageTransform().withImageSize(options.imageSize().get())
            : published.imageTransform();
    if (transform.imageSize() != config.vision().imageSize()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "The image processor makes pictures of %d pixels a side, the vision tower takes %d; give --image-size",
              transform.imageSize(),
              config.vision().imageSize()));
    }
    new ModelText(
            tokenizer.json(), ModelText.otherFiles(ModelText.Folder.of(published.textFolder())))
        .checkTemplate();
    ImportPlan plan = ImportPlan.of(config, published, options.seed());
    plan.notes().forEach(progress);
    folder.fill(
        staging -> {
          writeTensors(plan, staging);
          Files.write(
              staging.resolve(ModelFiles.CONFIG),
              ModelFiles.config(config, tokenizer.id(), options.counts()));
          Files.write(staging.resolve(ModelFiles.TOKENIZER), tokenizer.json());
          Files.write(
              staging.resolve(ModelFiles.PREPROCESSOR), ImageProcessorJson.write(transform));
          ModelTextFiles.copy(published.textFolder(), staging);
          Path generation = staging.resolve(ModelFiles.GENERATION);
          if (!published.endIds().isEmpty() && !Files.exists(generation)) {
            Files.write(generation, ModelFiles.generation(published.endIds()));
          }
        });
    progress.accept("wrote " + out);
  }

  private void writeTensors(ImportPlan plan, Path staging) throws IOException {
    List<TensorSource> tensors = new ArrayList<>();
    int total = plan.tensors().size();
    TensorProgress copied = new TensorProgress("imported", total, progress);
    for (TensorSource tensor : plan.tensors()) {
      tensors.add(copied.counting(tensor));
    }
    new ShardedSafetensorsWriter(options.elementType()).write(staging, tensors);
  }

  private ModelConfig config(PublishedModel published, TokenizerFiles.WithToken tokenizer)
      throws IOException {
    VisionConfig vision = published.vision();
    if (options.imageSize().isPresent()) {
      vision = vision.withImageSize(options.imageSize().get());
    }
    LanguageConfig language = published.language();
    int vocabSize = vocabSize(tokenizer);
    if (vocabSize > language.vocabSize()) {
      language = language.withVocabSize(vocabSize);
    }
    int width = options.projectorWidth().orElse(PROJECTOR_WIDTHS * published.vision().hiddenSize());
    ProjectorConfig projector =
        published.projector().orElse(new ProjectorConfig(width, LAYER_NORM_EPS, Pooling.ADAPTIVE));
    return new ModelConfig(vision, projector, language);
  }

  private static TokenizerFiles.WithToken tokenizer(Path folder) throws IOException {
    Path file = folder.resolve(ModelFiles.TOKENIZER);
    if (!Files.exists(file)) {
      throw new IOException(
          "%s has no %s; save it with AutoTokenizer.from_pretrained(...).save_pretrained(...)"
              .formatted(folder, ModelFiles.TOKENIZER));
    }
    return TokenizerFiles.withSpecialToken(Files.readAllBytes(file), Sample.IMAGE_MARK);
  }

  private static int vocabSize(TokenizerFiles.WithToken tokenizer) throws IOException {
    try (HuggingFaceTokenizer opened = new HuggingFaceTokenizer(tokenizer.json())) {
      return opened.vocabSize();
    }
  }
}
