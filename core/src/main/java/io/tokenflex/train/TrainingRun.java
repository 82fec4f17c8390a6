package io.tokenflex.train;

import static java.util.Objects.requireNonNull;

import io.tokenflex.batches.Collator;
import io.tokenflex.batches.DecodedPixels;
import io.tokenflex.batches.MicroBatches;
import io.tokenflex.batches.PictureThreads;
import io.tokenflex.batches.PixelTransform;
import io.tokenflex.batches.Prefetcher;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.checkpoint.TrainState;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.lora.LoraLayout;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.lora.PeftConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.Segment;
import io.tokenflex.modelfolder.ImageProcessorJson;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.samples.GlobalBatches;
import io.tokenflex.samples.SampleOrder;
import io.tokenflex.samples.SampleSource;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.HuggingFaceTokenizer;
import io.tokenflex.text.ModelText;
import io.tokenflex.tokens.TokenCountSchedule;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that is the same for all ranks of a run: what to train, on what, how.
 *
 * @param text tokenizer and chat template; they go into every checkpoint
 * @param initialWeights with which training starts where there is no checkpoint; adapters train
 *     beside them always
 * @param adapter with which adapters start where there is no checkpoint; new ones if empty
 * @param seed of sample order and token counts
 */
public record TrainingRun(
    TrainConfig config,
    ModelConfig model,
    ImageTransform imageTransform,
    TokenCountSchedule schedule,
    SampleSource source,
    ModelText text,
    InitialWeights initialWeights,
    Optional<PeftAdapter> adapter,
    long seed) {
  public TrainingRun {
    requireNonNull(config, "config");
    requireNonNull(model, "model");
    requireNonNull(imageTransform, "imageTransform");
    if (imageTransform.imageSize() != model.vision().imageSize()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "The image transform makes %d pixels a side but the model takes %d",
              imageTransform.imageSize(),
              model.vision().imageSize()));
    }
    requireNonNull(schedule, "schedule");
    requireNonNull(source, "source");
    requireNonNull(text, "text");
    requireNonNull(initialWeights, "initialWeights");
    requireNonNull(adapter, "adapter");
  }

  /** The layers that get adapters, where adapters train. */
  Optional<LoraLayout> lora() {
    return config
        .lora()
        .map(lora -> new LoraLayout(model, lora.resolve(adapter), adapter, config::freezes));
  }

  /** Where the run stands after {@code step} updates, and what fixes its future. */
  TrainState state(long step, int worldSize, List<Segment> trained, String baseDigest) {
    return new TrainState(
        step,
        worldSize,
        seed,
        config.lanes(),
        config.globalBatchSize(),
        config.windowRowGroups(),
        source.fingerprint(),
        schedule.toString(),
        trained.stream().map(Segment::name).toList(),
        lora().map(LoraLayout::toString).orElse(""),
        baseDigest);
  }

  /** Samples of the whole dataset. */
  long numSamples() {
    long numSamples = 0;
    for (int rowGroup = 0; rowGroup < source.numRowGroups(); rowGroup++) {
      numSamples += source.numRows(rowGroup);
    }
    return numSamples;
  }

  /**
   * This rank's batches from {@code firstStep} to the last, read ahead.
   *
   * @param numPictureThreads that decode pictures
   */
  Prefetcher batchesFrom(long firstStep, ProcessGroup group, int numPictureThreads)
      throws IOException {
    SampleOrder order = new SampleOrder(source, seed, config.lanes(), config.windowRowGroups());
    GlobalBatches batches =
        new GlobalBatches(source, order, config.globalBatchSize(), group.rank(), group.worldSize());
    batches.seek(firstStep);
    HuggingFaceTokenizer tokenizer = tokenizer();
    ChatTemplate template = text.template(tokenizer);
    PixelTransform pixels = new DecodedPixels(imageTransform);
    PictureThreads threads = new PictureThreads(numPictureThreads);
    Collator collator =
        new Collator(
            pixels,
            template.imageTokenId(),
            template.endOfTurnId(),
            model.language().maxPositionEmbeddings(),
            threads);
    MicroBatches microBatches =
        new MicroBatches(
            batches, template, collator, schedule, config.microBatchSize(), config.onBadSample());
    return new Prefetcher(
        microBatches::next,
        config.maxSteps() - firstStep,
        config.prefetchSteps(),
        () -> {
          threads.close();
          tokenizer.close();
        });
  }

  /** The small files that make a checkpoint a model folder. */
  Map<String, byte[]> modelFiles() throws IOException {
    Map<String, byte[]> files = new HashMap<>(text.otherFiles());
    try (HuggingFaceTokenizer tokenizer = tokenizer()) {
      ChatTemplate template = text.template(tokenizer);
      files.put(
          ModelFiles.CONFIG, ModelFiles.config(model, template.imageTokenId(), schedule.counts()));
      files.put(ModelFiles.GENERATION, ModelFiles.generation(text.endIds(template)));
    }
    files.put(ModelFiles.TOKENIZER, text.tokenizerJson());
    files.put(ModelFiles.PREPROCESSOR, ImageProcessorJson.write(imageTransform));
    Optional<LoraLayout> lora = lora();
    if (lora.isPresent()) {
      files.put(Checkpoints.ADAPTER + PeftConfig.FILE_NAME, lora.get().configJson());
    }
    return files;
  }

  private HuggingFaceTokenizer tokenizer() throws IOException {
    HuggingFaceTokenizer tokenizer = text.openTokenizer();
    if (tokenizer.vocabSize() > model.language().vocabSize()) {
      tokenizer.close();
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "The tokenizer has %d entries but model.language.vocabSize is %d; raise it",
              tokenizer.vocabSize(),
              model.language().vocabSize()));
    }
    return tokenizer;
  }
}
