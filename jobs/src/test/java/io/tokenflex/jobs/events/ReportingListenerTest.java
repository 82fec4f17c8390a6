package io.tokenflex.jobs.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.batches.SkippedSample;
import io.tokenflex.distributed.Precision;
import io.tokenflex.kernels.ComputeType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportingListenerTest {
  private final List<TrainingEvent> sent = new ArrayList<>();

  private ReportingListener rank(int rank) {
    return new ReportingListener(sent::add, rank, new Precision.Choice(ComputeType.FP32, "as set"));
  }

  private static SkippedSample sample(int number) {
    return new SkippedSample("s" + number, "Sample s" + number + " has 900 tokens");
  }

  @Test
  void everyRankTellsOfTheSamplesThatItSkipped() {
    rank(0).samplesSkipped(4, List.of(sample(1)));
    rank(3).samplesSkipped(4, List.of(sample(2)));
    assertThat(sent)
        .containsExactly(
            new TrainingEvent.SampleSkipped(5, "s1", "Sample s1 has 900 tokens"),
            new TrainingEvent.SampleSkipped(5, "s2", "Sample s2 has 900 tokens"));
  }

  @Test
  void onlyRankZeroTellsOfStepsAndCheckpoints() {
    for (int rank = 0; rank < 2; rank++) {
      rank(rank).started(0, 10);
      rank(rank).checkpointPublished(5, "step-5");
    }
    assertThat(sent)
        .containsExactly(
            new TrainingEvent.Started(0, 10, "FP32", "as set"),
            new TrainingEvent.CheckpointPublished(5, "step-5"));
  }

  @Test
  void ofManySkippedSamplesAFewAreNamedAndLongReasonsAreCut() {
    ReportingListener listener = rank(1);
    String longReason = "x".repeat(5_000_000);
    for (int step = 0; step < 1000; step++) {
      listener.samplesSkipped(
          step, List.of(sample(step), new SkippedSample("long-" + step, longReason)));
    }
    assertThat(sent).hasSize(ReportingListener.MAX_SKIPPED_TOLD);
    assertThat(sent)
        .allSatisfy(
            report ->
                assertThat(((TrainingEvent.SampleSkipped) report).reason())
                    .hasSizeLessThanOrEqualTo(1003));
  }
}
