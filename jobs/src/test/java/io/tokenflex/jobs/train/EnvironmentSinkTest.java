package io.tokenflex.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.events.RankMessage;
import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.run.Machine;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.run.TrainingEnvironment;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentSinkTest {
  private static final Machine OLD = new Machine("old", 2, 1L << 32, false);
  private static final Machine NEW = new Machine("new", 4, 1L << 33, true);

  @TempDir private Path folder;
  private RunFolder run;
  private EnvironmentSink sink;

  @BeforeEach
  void open() throws IOException {
    run = RunFolder.of(folder.toString(), new Configuration());
    sink = new EnvironmentSink(run);
  }

  private void accept(int attempt, int rank, TrainingEvent event) {
    sink.accept(new RankMessage(attempt, rank, event));
  }

  @Test
  void theMachinesOfTheLastAttemptAreNotedInTheOrderOfTheRanks() throws IOException {
    accept(1, 1, new TrainingEvent.Joined(OLD));
    accept(1, 0, new TrainingEvent.Joined(OLD));
    accept(1, 0, new TrainingEvent.Started(0, 10, "BF16", "asked for"));
    sink.flush();
    assertThat(TrainingEnvironment.read(run).orElseThrow().ranks()).containsExactly(OLD, OLD);

    accept(2, 0, new TrainingEvent.Joined(NEW)); // rank 0 was lost and starts elsewhere
    accept(2, 0, new TrainingEvent.Started(5, 10, "FP32", "asked for"));
    sink.flush();

    TrainingEnvironment environment = TrainingEnvironment.read(run).orElseThrow();
    assertThat(environment.ranks()).containsExactly(NEW, OLD);
    assertThat(environment.computeType()).isEqualTo("FP32");
  }

  @Test
  void aTrainingThatNeverStartedNotesNothing() throws IOException {
    accept(1, 0, new TrainingEvent.Joined(OLD));
    sink.flush();
    assertThat(TrainingEnvironment.read(run)).isEmpty();
  }
}
