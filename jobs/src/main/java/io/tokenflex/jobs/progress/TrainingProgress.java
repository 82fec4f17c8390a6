package io.tokenflex.jobs.progress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.jobs.RunFolder;
import io.tokenflex.jobs.quickstart.Pipeline;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the growing {@code metrics.jsonl} of a run and logs a line every few seconds: step, loss,
 * token count, speed and time left.
 */
public final class TrainingProgress implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TrainingProgress.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RunFolder folder;
  private final String metrics;
  private final long maxSteps;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "training-progress");
            thread.setDaemon(true);
            return thread;
          });
  private long readBytes;
  private long loggedStep = -1;
  private double meanStepSeconds;

  private TrainingProgress(RunFolder folder, String metrics, long maxSteps) {
    this.folder = folder;
    this.metrics = metrics;
    this.maxSteps = maxSteps;
  }

  /** Starts to follow; what the file holds already belongs to earlier attempts. */
  public static TrainingProgress follow(
      RunFolder folder, String metrics, long maxSteps, Duration every) throws IOException {
    TrainingProgress progress = new TrainingProgress(folder, metrics, maxSteps);
    progress.newLines();
    var unused =
        progress.clock.scheduleWithFixedDelay(
            progress::logNews, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    return progress;
  }

  private synchronized void logNews() {
    try {
      JsonNode last = null;
      for (String line : newLines().lines().toList()) {
        last = JSON.readTree(line);
        double seconds = last.path("stepSeconds").asDouble();
        // Recent steps count most: resumed runs and changing machines settle soon.
        meanStepSeconds = meanStepSeconds == 0 ? seconds : 0.95 * meanStepSeconds + 0.05 * seconds;
      }
      if (last != null && last.path("step").asLong() != loggedStep) {
        loggedStep = last.path("step").asLong();
        log.info(describe(last, maxSteps, meanStepSeconds));
      }
    } catch (IOException e) {
      log.debug("Cannot read {}", metrics, e); // the next look may succeed
    }
  }

  /** Such as {@code step 120/600 loss 1.234 144 tokens lr 3.0e-04 41.2 samples/s 2 min left}. */
  static String describe(JsonNode metrics, long maxSteps, double meanStepSeconds) {
    long step = metrics.path("step").asLong();
    double seconds = metrics.path("stepSeconds").asDouble();
    return String.format(
        Locale.ROOT,
        "step %d/%d  loss %.3f  %3d tokens  lr %.1e  %.1f samples/s  %s left",
        step,
        maxSteps,
        metrics.path("loss").asDouble(),
        metrics.path("numVisionTokens").asInt(),
        metrics.path("learningRate").asDouble(),
        seconds > 0 ? metrics.path("samples").asInt() / seconds : 0,
        Pipeline.inWords(
            Duration.ofMillis(Math.round(1000 * (maxSteps - step) * meanStepSeconds))));
  }

  /** Whole lines that were added since the last call; a file that shrank starts over. */
  private String newLines() throws IOException {
    if (!folder.exists(metrics)) {
      return "";
    }
    byte[] all;
    try (InputStream in = folder.open(metrics)) {
      in.skipNBytes(readBytes);
      all = in.readAllBytes();
    } catch (EOFException e) {
      readBytes = 0;
      return "";
    }
    int end = all.length;
    while (end > 0 && all[end - 1] != '\n') {
      end--;
    }
    readBytes += end;
    return new String(all, 0, end, StandardCharsets.UTF_8);
  }

  /** Logs the last news and stops. */
  @Override
  public void close() {
    clock.shutdownNow();
    logNews();
  }
}
