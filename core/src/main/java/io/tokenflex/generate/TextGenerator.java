package io.tokenflex.generate;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.tokenflex.batches.Collator;
import io.tokenflex.batches.DecodedPixels;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.cuda.PyTorchLibrary;
import io.tokenflex.distributed.Precision;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.DecodingState;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.modelfolder.ImageProcessorJson;
import io.tokenflex.modelfolder.ManifestDigests;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.modelfolder.WeightLoader;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.HuggingFaceTokenizer;
import io.tokenflex.text.ModelText;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Answers questions about images with a trained model: greedy decoding in batches, at any number of
 * vision tokens.
 *
 * <p>Not thread-safe. Owns the model and frees it on {@link #close}.
 */
public final class TextGenerator implements AutoCloseable {
  private final Path modelFolder;
  private final NDManager manager;
  private final TokenFlexModel model;
  private final ComputeType type;
  private final HuggingFaceTokenizer tokenizer;
  private final ChatTemplate template;
  private final Set<Long> endIds;
  private final Collator collator;

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

  /**
   * Answers a batch of prompts. As in transformers' {@code generate}, an answer ends with any id of
   * {@code eos_token_id}; it also ends with the end-of-turn token. Special tokens are not part of
   * the text. Batching changes the answers only by floating-point rounding, except with {@linkplain
   * io.tokenflex.model.RopeScaling.Dynamic dynamic rope scaling} once the longest sequence exceeds
   * the original length.
   *
   * @param numVisionTokens vision tokens per image or tile; a square number
   * @param maxNewTokens maximum length of an answer in tokens
   * @throws UncheckedIOException if logits are not finite: the weights are unusable
   */
  public List<Answer> generate(List<Prompt> prompts, int numVisionTokens, int maxNewTokens) {
    if (prompts.isEmpty()) {
      return List.of();
    }
    VisionTokenCount count = VisionTokenCount.of(numVisionTokens);
    List<TokenizedSample> tokenized = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      Prompt prompt = prompts.get(i);
      tokenized.add(template.encodePrompt("prompt-" + i, prompt.turns(), prompt.images()));
    }
    int[] lengths =
        tokenized.stream().mapToInt(sample -> collator.lengthAt(sample, count)).toArray();
    MicroBatch batch = collator.collate(tokenized, count);
    List<List<Long>> answers = decode(batch, lengths, maxNewTokens);
    return answers.stream().map(this::toAnswer).toList();
  }

  private List<List<Long>> decode(MicroBatch batch, int[] lengths, int maxNewTokens) {
    List<List<Long>> answers = new ArrayList<>();
    for (int b = 0; b < lengths.length; b++) {
      answers.add(new ArrayList<>());
    }
    boolean[] done = new boolean[lengths.length];
    int left = lengths.length;
    try (DecodingState state = model.startDecoding(batch, lengths, maxNewTokens)) {
      for (int t = 0; t < maxNewTokens; t++) {
        checkFinite(state.finite(), done, t);
        long[] next = state.mostLikely();
        for (int b = 0; b < next.length; b++) {
          if (done[b]) {
            next[b] = template.endOfTurnId();
            continue;
          }
          answers.get(b).add(next[b]);
          if (endIds.contains(next[b])) {
            done[b] = true;
            left--;
          }
        }
        if (left == 0 || t == maxNewTokens - 1) {
          break;
        }
        state.append(next);
      }
    }
    return answers;
  }

  private void checkFinite(boolean[] finite, boolean[] done, int newTokens) {
    for (int b = 0; b < finite.length; b++) {
      if (!finite[b] && !done[b]) {
        throw new UncheckedIOException(
            new DamagedDataException(
                String.format(
                    Locale.ROOT,
                    "%s: the logits after %d new tokens of prompt %d are no finite numbers, computed in %s; "
                        + "the training that wrote the model diverged or its weights exceed the range of %s: "
                        + "take an earlier checkpoint or compute in fp32",
                    modelFolder,
                    newTokens,
                    b,
                    computeType(),
                    computeType())));
      }
    }
  }

  private Answer toAnswer(List<Long> tokens) {
    long[] ids = tokens.stream().mapToLong(Long::longValue).toArray();
    int words = ids.length;
    if (words > 0 && ids[words - 1] == template.endOfTurnId()) {
      words--;
    }
    return new Answer(tokenizer.decode(Arrays.copyOf(ids, words)).strip(), ids.length);
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
