package io.tokenflex.batches;

import io.tokenflex.failure.Expect;
import io.tokenflex.samples.GlobalBatches;
import io.tokenflex.samples.Sample;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.TokenCountSchedule;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Cuts a rank's share of every global batch into micro-batches at the step's token count.
 *
 * <p>Samples are sorted by length first: less padding, and the summed loss does not mind. A sample
 * that is skipped leaves its place empty, so the samples before and after it stay where they are; a
 * share may come to have no micro-batch at all.
 */
public final class MicroBatches {
  private final GlobalBatches batches;
  private final SampleEncoder encoder;
  private final Collator collator;
  private final TokenCountSchedule schedule;
  private final int microBatchSize;
  private final BadSamples badSamples;

  public MicroBatches(
      GlobalBatches batches,
      ChatTemplate template,
      Collator collator,
      TokenCountSchedule schedule,
      int microBatchSize,
      BadSamples badSamples) {
    Expect.atLeastOne("train.microBatchSize", microBatchSize);
    this.batches = batches;
    this.encoder = new SampleEncoder(template, collator);
    this.collator = collator;
    this.schedule = schedule;
    this.microBatchSize = microBatchSize;
    this.badSamples = badSamples;
  }

  /**
   * This rank's micro-batches of one optimizer step.
   *
   * @param skipped samples of the share that are in no micro-batch
   */
  public record StepBatches(
      long step,
      double epoch,
      VisionTokenCount visionTokens,
      List<MicroBatch> microBatches,
      List<SkippedSample> skipped) {}

  /**
   * Reads, tokenizes, decodes and collates the next step's share.
   *
   * @throws BadSampleException if a sample cannot be trained on and is not to be skipped
   */
  public StepBatches next() throws IOException {
    long step = batches.nextStep();
    VisionTokenCount count = schedule.countAt(step);
    List<TokenizedSample> samples = new ArrayList<>();
    List<SkippedSample> skipped = new ArrayList<>();
    for (Sample sample : batches.next()) {
      try {
        samples.add(encoder.encode(sample, count));
      } catch (BadSampleException e) {
        skipped.add(skip(e));
      }
    }
    samples.sort(Comparator.comparingInt(sample -> collator.lengthAt(sample, count))); // stable
    List<MicroBatch> microBatches = new ArrayList<>();
    for (int from = 0; from < samples.size(); from += microBatchSize) {
      int to = Math.min(samples.size(), from + microBatchSize);
      collate(samples.subList(from, to), count, skipped).ifPresent(microBatches::add);
    }
    return new StepBatches(step, batches.epochAt(step + 1), count, microBatches, skipped);
  }

  /** Leaves out what turns out to be damaged once its pictures are decoded. */
  private Optional<MicroBatch> collate(
      List<TokenizedSample> samples, VisionTokenCount count, List<SkippedSample> skipped) {
    List<TokenizedSample> left = new ArrayList<>(samples);
    while (!left.isEmpty()) {
      try {
        return Optional.of(collator.collate(left, count));
      } catch (BadSampleException e) {
        skipped.add(skip(e));
        left.removeIf(sample -> sample.sampleId().equals(e.sampleId()));
      }
    }
    return Optional.empty();
  }

  private SkippedSample skip(BadSampleException bad) {
    if (badSamples == BadSamples.FAIL) {
      throw new BadSampleException(
          bad.sampleId(), bad.getMessage() + "; or set train.onBadSample = skip", bad);
    }
    return new SkippedSample(bad.sampleId(), bad.getMessage());
  }
}
