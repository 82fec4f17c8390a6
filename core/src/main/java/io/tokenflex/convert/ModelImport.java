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
 * Makes a model folder, from which a training starts, out of published Hugging Face folders: a
 * vision tower and a language model, or a whole vision-language model.
 *
 * <p>Tensors are copied one by one, bit for bit; nothing is allocated but the largest of them.
 */
public final class ModelImport {
  /** PyTorch's default, which the published projector has. */
  static final double LAYER_NORM_EPS = 1e-5;

  private static final int PROJECTOR_WIDTHS = 3;

  private final Options options;
  private final Consumer<String> progress;

  /**
   * What may be chosen.
   *
   * @param imageSize other than the published one: position embeddings are interpolated
   * @param featureLayer of a tower that was published alone, counted as transformers counts {@code
   *     vision_feature_layer}
   * @param projectorWidth intermediate size of a new projector; 3 x the vision width if empty
   * @param counts vision tokens per image that training is going to draw, for the folder's record
   * @param elementType in which weights are written; F32 loses nothing
   * @param seed of what is new
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

    /** The published image size, the last layer, all in fp32. */
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
   * Prepares an import.
   *
   * @param progress told in words what is done
   */
  public ModelImport(Options options, Consumer<String> progress) {
    this.options = requireNonNull(options, "options");
    this.progress = requireNonNull(progress, "progress");
  }

  /**
   * Joins a vision tower and a language model by a new projector.
   *
   * @param out folder to be made
   * @throws IOException if a folder cannot be read or written
   * @throws IllegalArgumentException naming what is not supported or does not fit, all tensors
   *     together; nothing is written then
   */
  public void fromParts(Path vision, Path language, Path out) throws IOException {
    try (PublishedModel published =
        PublishedModel.ofParts(vision, language, options.featureLayer())) {
      write(published, out);
    }
  }

  /**
   * Takes over a whole model: InternVL, LLaVA, Ristretto or an exported TokenFLEX.
   *
   * @param out folder to be made
   * @throws IOException if a folder cannot be read or written
   * @throws IllegalArgumentException naming what is not supported or does not fit, all tensors
   *     together; nothing is written then
   */
  public void fromModel(Path model, Path out) throws IOException {
    try (PublishedModel published = PublishedModel.ofWhole(model)) {
      write(published, out);
    }
  }

  /**
   * Takes over a whole model with a PEFT adapter merged into it: W + scale B A in place of W, and
   * the modules that were trained in full.
   *
   * @param adapter a folder that PEFT saved, of a model with the tensor names of {@code model}
   * @param out folder to be made
   * @throws IOException if a folder cannot be read or written
   * @throws IllegalArgumentException naming what is not supported or does not fit, all tensors
   *     together; nothing is written then
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
