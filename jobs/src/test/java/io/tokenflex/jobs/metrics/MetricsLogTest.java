package io.tokenflex.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.jobs.events.RankMessage;
import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.testing.LogLines;
import io.tokenflex.train.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  @TempDir private Path root;

  private Path file;
  private RunFolder folder;

  @BeforeEach
  void open() throws IOException {
    file = root.resolve("run").resolve(MetricsFile.NAME);
    folder = RunFolder.of(root.resolve("run").toString(), new Configuration());
  }

  private static StepMetrics step(long step) {
    return new StepMetrics(step, 0, 64, 1.0, 0, 0, 1, 1, 0, 1, 0, Instant.EPOCH);
  }

  /** The log of a run that goes on after some steps. */
  private MetricsLog resumedAfter(long stepsDone) throws IOException {
    MetricsLog log = new MetricsLog(folder);
    log.accept(new RankMessage(1, 0, new TrainingEvent.Started(stepsDone, 100, "FP32", "as set")));
    return log;
  }

  private static void accept(MetricsLog log, long first, long last) throws IOException {
    for (long step = first; step <= last; step++) {
      log.accept(new RankMessage(1, 0, new TrainingEvent.StepDone(step(step))));
    }
  }

  private static void add(MetricsLog log, long first, long last) throws IOException {
    accept(log, first, last);
    log.flush();
  }

  private List<Long> stepsOnDisk() throws IOException {
    return MetricsHistory.read(folder, 1_000_000).stream().map(StepMetrics::step).toList();
  }

  private static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  @Test
  void aResumedRunContinuesItsFileAndReplacesWhatItRepeats() throws IOException {
    add(resumedAfter(0), 1, 20);
    add(resumedAfter(15), 16, 30);

    assertThat(Files.readAllLines(file)).hasSize(30);
    assertThat(stepsOnDisk()).isEqualTo(range(1, 30));
  }

  @Test
  void aFullFileBecomesAPartThatIsNotWrittenAgain() throws IOException {
    MetricsLog log = resumedAfter(0);
    add(log, 1, MetricsLog.LINES_PER_PART);
    Path part = root.resolve("run").resolve(MetricsFile.part(1));
    assertThat(Files.readAllLines(part)).hasSize(MetricsLog.LINES_PER_PART);
    assertThat(file).isEmptyFile();
    Files.writeString(part, Files.readString(part) + "\n"); // would be gone if it were written
    long size = Files.size(part);

    add(log, MetricsLog.LINES_PER_PART + 1, MetricsLog.LINES_PER_PART + 10);
    assertThat(Files.size(part)).isEqualTo(size);
    assertThat(Files.readAllLines(file)).hasSize(10);
    add(
        resumedAfter(MetricsLog.LINES_PER_PART - 100),
        MetricsLog.LINES_PER_PART - 99,
        3L * MetricsLog.LINES_PER_PART);
    assertThat(stepsOnDisk()).isEqualTo(range(1, 3L * MetricsLog.LINES_PER_PART));
  }

  @Test
  void aLargeFileOfAnOlderVersionIsNotReadButBecomesAPart() throws IOException {
    Files.createDirectories(file.getParent());
    StringBuilder old = new StringBuilder();
    for (long step = 1; step <= 50_000; step++) {
      old.append(MetricsFile.line(step(step))).append('\n');
    }
    Files.writeString(file, old);
    add(resumedAfter(49_990), 49_991, 50_020);

    assertThat(Files.size(file)).isLessThan(10_000);
    assertThat(stepsOnDisk()).isEqualTo(range(1, 50_020));
  }

  @Test
  void damagedLinesAreLeftOutAndTheOthersStay() throws IOException {
    add(resumedAfter(0), 1, 5);
    String good = Files.readString(file);
    for (String damaged :
        List.of(
            good.substring(0, good.length() - 20),
            good + "\0".repeat(500) + "\n",
            good + "\n",
            "{\"step\": 1, \"lo\n" + good)) {
      Files.writeString(file, damaged);
      add(resumedAfter(4), 5, 6);
      assertThat(stepsOnDisk()).isEqualTo(range(1, 6));
    }
  }

  @Test
  void linesThatCannotBeWrittenWait() throws IOException {
    // A file where the run folder should be: nothing in it can be read, written or listed.
    Files.writeString(root.resolve("run"), "in the way");
    MetricsLog log = resumedAfter(0);
    accept(log, 1, 10);
    assertThatThrownBy(log::flush).isInstanceOf(IOException.class);
    Files.delete(root.resolve("run"));
    add(log, 11, 12);
    assertThat(stepsOnDisk()).isEqualTo(range(1, 12));
  }

  @Test
  void aFolderThatStaysFullDoesNotFillTheMemory() throws IOException {
    Files.writeString(root.resolve("run"), "in the way");
    MetricsLog log = new MetricsLog(folder);
    long last = 20L * MetricsLog.LINES_PER_PART;
    accept(log, 1, last);
    assertThatThrownBy(log::flush).isInstanceOf(IOException.class);
    Files.delete(root.resolve("run"));
    try (LogLines logged = LogLines.capture()) {
      log.flush();
      log.flush();
      String lost = 12L * MetricsLog.LINES_PER_PART + " lines of";
      assertThat(logged.containing(lost)).as("said once").hasSize(1);
    }
    assertThat(stepsOnDisk()).isEqualTo(range(last - 8L * MetricsLog.LINES_PER_PART + 1, last));
  }
}
