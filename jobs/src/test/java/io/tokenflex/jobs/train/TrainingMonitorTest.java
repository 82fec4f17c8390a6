package io.tokenflex.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.run.Machine;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.run.TrainingEnvironment;
import io.tokenflex.tokens.TokenCountSchedule;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingMonitorTest {
  private static final Machine OLD = new Machine("old", 2, 1L << 32, false);
  private static final Machine NEW = new Machine("new", 4, 1L << 33, true);

  private static final TokenCountSchedule SCHEDULE =
      new TokenCountSchedule.Fixed(VisionTokenCount.of(64));

  @TempDir Path folder;

  @Test
  void theMachinesOfTheLastAttemptAreNotedInTheOrderOfTheRanks() throws IOException {
    RunFolder run = RunFolder.of(folder.toString(), new Configuration());
    TrainingMonitor monitor = new TrainingMonitor(run, SCHEDULE);
    monitor.accept(new RankReport.Joined(1, OLD));
    monitor.accept(new RankReport.Joined(0, OLD));
    monitor.accept(new RankReport.Started(0, 10, "BF16", "asked for"));
    monitor.accept(new RankReport.CheckpointPublished(5, "step-5"));
    assertThat(TrainingEnvironment.read(run).orElseThrow().ranks()).containsExactly(OLD, OLD);

    monitor.accept(new RankReport.Joined(0, NEW)); // rank 0 was lost and starts elsewhere
    monitor.accept(new RankReport.Started(5, 10, "FP32", "asked for"));
    monitor.finish();

    TrainingEnvironment environment = TrainingEnvironment.read(run).orElseThrow();
    assertThat(environment.ranks()).containsExactly(NEW, OLD);
    assertThat(environment.computeType()).isEqualTo("FP32");
  }

  @Test
  void aTrainingThatNeverStartedNotesNothing() throws IOException {
    RunFolder run = RunFolder.of(folder.toString(), new Configuration());
    TrainingMonitor monitor = new TrainingMonitor(run, SCHEDULE);
    monitor.accept(new RankReport.Joined(0, OLD));
    monitor.finish();
    assertThat(TrainingEnvironment.read(run)).isEmpty();
  }
}
