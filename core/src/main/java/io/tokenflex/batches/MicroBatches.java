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
 * Splits one rank's share of each global batch into micro-batches, at the vision token count drawn
 * for the step.
 *
 * <p>Samples of a share are sorted by length to reduce padding; the loss is a sum over the step, so
 * their order does not matter. A skipped sample is not replaced: later samples stay in the steps
 * they were assigned to, and a share can end up with no micro-batch.
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
   * One rank's micro-batches of one optimizer step.
   *
   * @param epoch epochs completed after this step, with fraction
   * @param skipped samples of the share that are in no micro-batch
   */
  public record StepBatches(
      long step,
      double epoch,
      VisionTokenCount visionTokens,
      List<MicroBatch> microBatches,
      List<SkippedSample> skipped) {}

  /**
   * Reads, tokenizes, decodes and collates the share of the next step.
   *
   * @throws BadSampleException if a sample cannot be trained on and the policy is {@link
   *     BadSamples#FAIL}
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
    samples.sort(
        Comparator.comparingInt(
            sample -> collator.lengthAt(sample, count))); // stable sort: deterministic batches
    List<MicroBatch> microBatches = new ArrayList<>();
    for (int from = 0; from < samples.size(); from += microBatchSize) {
      int to = Math.min(samples.size(), from + microBatchSize);
      collate(samples.subList(from, to), count, skipped).ifPresent(microBatches::add);
    }
    return new StepBatches(step, batches.epochAt(step + 1), count, microBatches, skipped);
  }

  /** Collates the samples, retrying without those whose images turn out to be damaged. */
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
