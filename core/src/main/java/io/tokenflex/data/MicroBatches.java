package io.tokenflex.data;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.tokens.TokenCountSchedule;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Cuts a rank's share of every global batch into micro-batches at the step's token count.
 *
 * <p>Samples are sorted by length first: less padding, and the summed loss does not mind.
 */
public final class MicroBatches {
  private final GlobalBatches batches;
  private final ChatTemplate template;
  private final Collator collator;
  private final TokenCountSchedule schedule;
  private final int microBatchSize;

  public MicroBatches(
      GlobalBatches batches,
      ChatTemplate template,
      Collator collator,
      TokenCountSchedule schedule,
      int microBatchSize) {
    if (microBatchSize < 1) {
      throw new InvalidInputException(
          "train.microBatchSize is " + microBatchSize + "; it must be at least 1");
    }
    this.batches = batches;
    this.template = template;
    this.collator = collator;
    this.schedule = schedule;
    this.microBatchSize = microBatchSize;
  }

  /** This rank's micro-batches of one optimizer step. */
  public record StepBatches(
      long step, double epoch, VisionTokenCount visionTokens, List<MicroBatch> microBatches) {}

  /** Reads, tokenizes, decodes and collates the next step's share. */
  public StepBatches next() throws IOException {
    long step = batches.nextStep();
    VisionTokenCount count = schedule.countAt(step);
    List<TokenizedSample> samples = new ArrayList<>();
    for (Sample sample : batches.next()) {
      samples.add(template.encode(sample));
    }
    samples.sort(Comparator.comparingInt(sample -> collator.lengthAt(sample, count))); // stable
    List<MicroBatch> microBatches = new ArrayList<>();
    for (int from = 0; from < samples.size(); from += microBatchSize) {
      int to = Math.min(samples.size(), from + microBatchSize);
      microBatches.add(collator.collate(samples.subList(from, to), count));
    }
    return new StepBatches(step, batches.epochAt(step + 1), count, microBatches);
  }
}
