package io.tokenflex.jobs.quickstart;

import io.tokenflex.digest.Digests;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs stages in sequence. A stage is skipped if its outputs exist and it last completed with the
 * same inputs, after earlier stages with the same inputs, so that a rerun resumes.
 *
 * <p>The marker file {@code stages/<name>} is written after the stage's outputs and contains a
 * digest of the inputs of this and all earlier stages.
 */
public final class Pipeline {
  private static final Logger log = LoggerFactory.getLogger(Pipeline.class);

  private final RunFolder folder;
  private final List<Stage> stages;

  public Pipeline(RunFolder folder, List<Stage> stages) {
    this.folder = folder;
    this.stages = List.copyOf(stages);
  }

  /** Runs all stages that are not complete; stops at the first failure. */
  public void run() throws Exception {
    String digest = "";
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      String position =
          String.format(Locale.ROOT, "[%d/%d] %s", i + 1, stages.size(), stage.name());
      digest = Digests.sha256Hex(digest + "\n" + stage.name() + "\n" + stage.inputs());
      if (isDone(stage, digest)) {
        log.info("{}: done before, skipped", position);
        continue;
      }
      log.info("{}: starts", position);
      long start = System.nanoTime();
      stage.action().run();
      for (String output : stage.outputs().names()) {
        if (!folder.exists(output)) {
          throw new IOException(
              "Stage %s finished without writing %s"
                  .formatted(stage.name(), folder.pathOf(output)));
        }
      }
      folder.writeText(markOf(stage), digest + "\n");
      log.info("{}: done in {}", position, inWords(Duration.ofNanos(System.nanoTime() - start)));
    }
  }

  private boolean isDone(Stage stage, String digest) throws IOException {
    for (String output : stage.outputs().names()) {
      if (!folder.exists(output)) {
        return false;
      }
    }
    return folder.exists(markOf(stage)) && folder.readText(markOf(stage)).strip().equals(digest);
  }

  private static String markOf(Stage stage) {
    return "stages/" + stage.name();
  }

  /** Formats a duration, such as {@code 4 s}, {@code 1 min 05 s}, {@code 2 h 10 min}. */
  public static String inWords(Duration time) {
    long seconds = Math.round(time.toMillis() / 1000.0);
    if (seconds < 60) {
      return seconds + " s";
    }
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60)
        : String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds / 60 % 60);
  }
}
