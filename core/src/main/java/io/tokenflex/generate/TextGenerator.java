package io.tokenflex.generate;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.tokenflex.batches.Collator;
import io.tokenflex.batches.DecodedPixels;
import io.tokenflex.cuda.PyTorchLibrary;
import io.tokenflex.distributed.Precision;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.DecoderPrompt;
import io.tokenflex.model.DecodingState;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.PrefillFlops;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.modelfolder.ImageProcessorJson;
import io.tokenflex.modelfolder.ManifestDigests;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.modelfolder.WeightLoader;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.HuggingFaceTokenizer;
import io.tokenflex.text.ModelText;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Answers questions about images with a trained model, in batches, at any number of vision tokens.
 *
 * <p>Not thread-safe. Owns the model and frees it on {@link #close}.
 */
public final class TextGenerator implements AutoCloseable {
  /** Features of about fifty images of 1024 patches and 1152 numbers a patch. */
  private static final long FEATURE_BYTES = 256L << 20;

  private final Path modelFolder;
  private final NDManager manager;
  private final TokenFlexModel model;
  private final ComputeType type;
  private final HuggingFaceTokenizer tokenizer;
  private final ChatTemplate template;
  private final Set<Long> endIds;
  private final Collator collator;
  private final VisionFeatures features;

  private TextGenerator(
      Path modelFolder,
      NDManager manager,
      TokenFlexModel model,
      ComputeType type,
      ModelText text,
      ImageTransform imageTransform)
      throws IOException {
    this.modelFolder = modelFolder;
    this.manager = manager;
    this.model = model;
    this.type = type;
    this.tokenizer = text.openTokenizer();
    try {
      this.template = text.template(tokenizer);
      this.endIds = Set.copyOf(text.endIds(template));
    } catch (IOException | RuntimeException e) {
      tokenizer.close();
      throw e;
    }
    this.collator =
        new Collator(
            new DecodedPixels(imageTransform),
            template.imageTokenId(),
            template.endOfTurnId(),
            model.config().language().maxPositionEmbeddings());
    this.features = new VisionFeatures(model, collator, manager, FEATURE_BYTES);
  }

  /**
   * Loads a model folder or a checkpoint. The files of a checkpoint are first compared with the
   * digests in its manifest.
   *
   * @param device to compute on
   * @param precision compute type, resolved by {@link Precision#resolveForAnswers}
   * @throws IOException if a file is missing or damaged
   * @throws IllegalArgumentException if weights and configuration do not match
   */
  public static TextGenerator load(Path modelFolder, Device device, Precision precision)
      throws IOException {
    ManifestDigests.check(modelFolder);
    Path configFile = modelFolder.resolve(ModelFiles.CONFIG);
    ModelConfig config =
        ModelFiles.readConfig(Files.readAllBytes(configFile), configFile.toString());
    PyTorchLibrary.load();
    NDManager manager = NDManager.newBaseManager(device, "PyTorch");
    try {
      ComputeType type = precision.resolveForAnswers(manager.getDevice());
      TokenFlexModel model = TokenFlexModel.create(manager, config, type);
      try (SafetensorsFolder weights = SafetensorsFolder.open(modelFolder)) {
        WeightLoader.load(weights, model.parameters());
      }
      model.pack();
      Path preprocessor = modelFolder.resolve(ModelFiles.PREPROCESSOR);
      ImageTransform imageTransform =
          ImageProcessorJson.read(Files.readAllBytes(preprocessor), preprocessor.toString());
      return new TextGenerator(
          modelFolder,
          manager,
          model,
          type,
          ModelText.read(ModelText.Folder.of(modelFolder)),
          imageTransform);
    } catch (IOException | RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** As below, taking the likeliest token until the model ends the answer. */
  public List<Answer> generate(List<Prompt> prompts, int numVisionTokens, int maxNewTokens) {
    return generate(
        prompts, numVisionTokens, GenerationConfig.greedy(maxNewTokens), TokenListener.NONE);
  }

  /**
   * Answers a batch of prompts. As in transformers' {@code generate}, an answer ends with any id of
   * {@code eos_token_id}; it also ends with the end-of-turn token. Special tokens are not part of
   * the text.
   *
   * <p>In fp32 on a CPU an answer depends on its prompt alone, not on the batch around it; in other
   * types and on GPUs batching changes logits by rounding.
   *
   * @param numVisionTokens vision tokens per image or tile; a square number
   * @param listener hears of every token
   * @throws IllegalArgumentException if a prompt exceeds the model's positions
   * @throws UncheckedIOException if logits are not finite: the weights are unusable
   */
  public List<Answer> generate(
      List<Prompt> prompts, int numVisionTokens, GenerationConfig config, TokenListener listener) {
    if (prompts.isEmpty()) {
      return List.of();
    }
    try (Generation generation = start(prompts, numVisionTokens, config, listener)) {
      while (!generation.isFinished()) {
        generation.step();
      }
      return generation.answers();
    }
  }

  /**
   * Starts one answer whose text is read while it is generated; as {@link #generate} otherwise. The
   * caller closes it, before the generator and before the next answer is asked for.
   */
  public AnswerStream stream(Prompt prompt, int numVisionTokens, GenerationConfig config) {
    return new AnswerStream(listener -> start(List.of(prompt), numVisionTokens, config, listener));
  }

  private Generation start(
      List<Prompt> prompts, int numVisionTokens, GenerationConfig config, TokenListener listener) {
    VisionTokenCount count = VisionTokenCount.of(numVisionTokens);
    List<AnswerInProgress> answers = new ArrayList<>();
    try (NDManager batch = manager.newSubManager()) {
      PromptEncoder encoder = new PromptEncoder(template, collator, features, model, count, batch);
      List<DecoderPrompt> encoded = new ArrayList<>();
      for (int i = 0; i < prompts.size(); i++) {
        Prompt prompt = prompts.get(i);
        DecoderPrompt asDecoded = encoder.encode("prompt-" + i, prompt);
        encoded.add(asDecoded);
        answers.add(
            new AnswerInProgress(
                config, i, prompt.identity(), asDecoded.ids(), cost(asDecoded, count), tokenizer));
      }
      DecodingState state = model.startDecoding(encoded, config.maxNewTokens());
      return new Generation(this, state, answers, config, listener);
    }
  }

  private Answer.Cost cost(DecoderPrompt prompt, VisionTokenCount count) {
    int perTile = count.numVisionTokens();
    int tiles = prompt.visionPositions().length / perTile;
    PrefillFlops flops = new PrefillFlops(model.config());
    return new Answer.Cost(
        perTile,
        tiles == 0 ? 0 : perTile,
        flops.tower(tiles) + flops.atCount(tiles, perTile, prompt.ids().length));
  }

  /** Operations of the vision tower in an answer's {@link Answer.Cost}. */
  public long towerFlops(Prompt prompt) {
    int tiles = prompt.images().stream().mapToInt(collator::numTiles).sum();
    return new PrefillFlops(model.config()).tower(tiles);
  }

  /**
   * What can be known of a prompt before the decoder runs: the tower's features of its images,
   * averaged over patches and images, then the embeddings of its text, averaged over tokens.
   *
   * @return length vision hidden size + decoder hidden size; the first part is 0 without images
   * @throws IllegalArgumentException as {@link #generate}
   */
  public float[] pooledFeatures(Prompt prompt) {
    return new PooledFeatures(template, features, model).of(prompt);
  }

  /**
   * What answers to these prompts need not do again: decoding pictures and the vision tower for
   * those of which features are kept. So much longer would they take if asked alone.
   *
   * @return seconds, as measured when the features were made
   */
  public double secondsSpared(List<Prompt> prompts) {
    return features.secondsSpared(
        prompts.stream().flatMap(prompt -> prompt.images().stream()).toList());
  }

  boolean endsAnswer(long token) {
    return endIds.contains(token);
  }

  boolean isText(long token) {
    return token != template.endOfTurnId();
  }

  int maxPositions() {
    return model.config().language().maxPositionEmbeddings();
  }

  Path modelFolder() {
    return modelFolder;
  }

  /** How many images the vision tower has seen since the model was loaded. */
  long numEncodedImages() {
    return features.numEncoded();
  }

  /** Compute type of matrix products. */
  public ComputeType computeType() {
    return type;
  }

  @Override
  public void close() {
    model.close();
    tokenizer.close();
    manager.close();
  }
}
