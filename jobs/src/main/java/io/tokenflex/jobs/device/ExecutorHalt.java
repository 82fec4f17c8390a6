package io.tokenflex.jobs.device;

import io.tokenflex.jobs.failure.FailureKind;
import java.time.Duration;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends an executor whose GPU has failed: the context of this process is dead for good, every later
 * task in it would fail. Spark starts another executor.
 */
public final class ExecutorHalt {
  private static final Logger log = LoggerFactory.getLogger(ExecutorHalt.class);

  /** Spark's name for the driver where tasks run inside of it. */
  private static final String DRIVER = "driver";

  /** Status of the process; Spark shows it as the reason why the executor was lost. */
  private static final int STATUS = 70;

  private final String executor;
  private final Runnable halt;

  /** The executor of this task. */
  public static ExecutorHalt ofThisExecutor() {
    return new ExecutorHalt(SparkEnv.get().executorId(), () -> Runtime.getRuntime().halt(STATUS));
  }

  ExecutorHalt(String executor, Runnable halt) {
    this.executor = executor;
    this.halt = halt;
  }

  /**
   * Ends the process if a failure of this kind leaves it of no use; else returns. What was reported
   * has left this process, what is thrown now has not.
   */
  public void ifGpuFailed(FailureKind kind) {
    if (kind == FailureKind.GPU && !executor.equals(DRIVER)) {
      log.error("The GPU of executor {} has failed for this process, which ends", executor);
      halt.run();
    }
  }

  /** As above, after a while in which Spark tells the driver how the task failed. */
  public void ifGpuFailed(FailureKind kind, Duration after) {
    if (kind != FailureKind.GPU) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              try {
                Thread.sleep(after.toMillis());
                ifGpuFailed(kind);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "executor-halt");
    thread.setDaemon(true);
    thread.start();
  }
}
