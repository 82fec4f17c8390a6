package io.tokenflex.jobs.train;

import io.tokenflex.jobs.failure.FailureKind;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Spark's exceptions say about a failed stage; they say it in words only. */
final class SparkFailure {
  private static final Pattern LOST =
      Pattern.compile("ExecutorLostFailure \\(executor (\\S+) exited[^)]*\\)(?: Reason: (.*))?");

  /** SparkExitCode.OOM: the executor's JVM found its heap full. */
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile("(?i)code:? 52\\b|OutOfMemory|out of memory");

  /** 128 + SIGKILL: what a system or a container does that runs out of memory. */
  private static final Pattern KILLED =
      Pattern.compile("(?i)code:? 137\\b|beyond the .* memory|exceeding .*memory");

  private static final String PREFIX =
      "Job aborted due to stage failure: Could not recover from a failed barrier ResultStage. Most"
          + " recent failure reason: ";

  private SparkFailure() {}

  /** The executor that died, if one did. */
  static Optional<AttemptReports.Verdict> lostExecutor(Exception sparks) {
    Matcher lost = LOST.matcher(String.valueOf(sparks.getMessage()));
    if (!lost.find()) {
      return Optional.empty();
    }
    String reason = lost.group(2) == null ? "no reason given" : lost.group(2).strip();
    String message = "executor " + lost.group(1) + " was lost: " + reason;
    if (OUT_OF_MEMORY.matcher(reason).find()) {
      return Optional.of(new AttemptReports.Verdict(FailureKind.MEMORY, message));
    }
    if (KILLED.matcher(reason).find()) {
      message +=
          ". If the system or a container killed it for its memory: tensors lie outside the"
              + " heap; raise spark.executor.memoryOverhead or lower train.microBatchSize";
    }
    return Optional.of(new AttemptReports.Verdict(FailureKind.ENVIRONMENT, message));
  }

  /** The first line that tells anything. */
  static String firstLine(Exception sparks) {
    String message = String.valueOf(sparks.getMessage());
    String telling = message.startsWith(PREFIX) ? message.substring(PREFIX.length()) : message;
    return telling.lines().findFirst().orElse(sparks.toString());
  }
}
