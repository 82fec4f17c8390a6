package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.jobs.failure.Failures;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.spark.SparkException;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** Runs commands and converts every exception or error to a message and an {@link ExitCode}. */
final class CommandGuard {
  /** Option that prints stack traces. */
  static final String TRACE = "--trace";

  private CommandGuard() {}

  /**
   * Runs an action and returns its exit status.
   *
   * @param isTraced whether to print the stack trace of a failure
   */
  static int run(Callable<Integer> action, boolean isTraced, PrintWriter err) {
    try {
      return action.call();
    } catch (ParameterException e) {
      throw e; // picocli prints it with the usage
    } catch (Throwable e) { // users get a message, not a bare stack trace
      Throwable failure = e instanceof ExecutionException ? e.getCause() : e;
      if (failure instanceof ParameterException wrongUse) {
        throw wrongUse;
      }
      report(failure, isTraced, err);
      return ExitCode.of(failure).status();
    }
  }

  private static void report(Throwable failure, boolean isTraced, PrintWriter err) {
    String text = String.join("\n  because: ", Failures.messages(failure));
    err.println(Ansi.AUTO.string("@|bold,red error:|@ ") + text + hint(failure));
    if (isTraced) {
      failure.printStackTrace(err);
    }
    err.flush();
  }

  /** Advice for kinds of failures whose messages contain none. */
  private static String hint(Throwable failure) {
    return switch (FailureKind.of(failure)) {
      case MEMORY -> memoryHint(failure);
      case BUILD ->
          "\nClasses do not fit together: use the Spark version that README.md names, or build again";
      case UNEXPECTED -> "\nNobody foresaw this; " + TRACE + " shows where it happened";
      case ENVIRONMENT -> "\nRun it again when the cause is mended";
      case GPU_MEMORY -> "\nThe memory of a GPU is full: lower the batch size of this command";
      case GPU ->
          "\nA GPU failed. Run it again; twice on one host, look for Xid lines in its kernel log";
      case DATA, CONFIG, DIVERGED, CONFLICT, FILE, PEER_LATE, PEER_LOST, INTERRUPTED -> "";
    };
  }

  private static String memoryHint(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SparkException) {
        return "\nThe heap of an executor was too small: raise cluster.executorMemory (with a"
            + " local[n] master cluster.driverMemory)";
      }
      if (cause instanceof OutOfMemoryError) {
        break;
      }
    }
    return "\nThe heap of this process was too small: raise cluster.driverMemory (import and export:"
        + " --memory)";
  }

  /** Execution strategy for a command line whose root has the option {@link #TRACE}. */
  static CommandLine.IExecutionStrategy strategy() {
    return parsed -> {
      CommandLine command = parsed.commandSpec().commandLine();
      boolean isTraced = parsed.commandSpec().findOption(TRACE).getValue();
      return run(() -> new CommandLine.RunLast().execute(parsed), isTraced, command.getErr());
    };
  }
}
