package io.tokenflex.jobs.failure;

import ai.djl.engine.EngineException;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.tokenflex.checkpoint.AttemptReplacedException;
import io.tokenflex.checkpoint.CorruptCheckpointException;
import io.tokenflex.checkpoint.RunBusyException;
import io.tokenflex.cuda.CudaException;
import io.tokenflex.dataprep.dataset.VersionConflictException;
import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.storage.StateUnknownException;
import io.tokenflex.train.DivergedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.security.AccessControlException;
import org.apache.spark.TaskKilledException;

/**
 * Classification of failures. Constants are ordered by explanatory power: if several ranks fail,
 * the smallest kind is taken as the cause and the others as consequences.
 */
public enum FailureKind {
  /** Stored data is missing or damaged. */
  DATA,
  /** A setting, an argument, or what they name is wrong. */
  CONFIG,
  /** The loss is NaN or infinite. */
  DIVERGED,
  /** A concurrent command committed first. */
  CONFLICT,
  /** Incompatible classes or native libraries. */
  BUILD,
  /** The memory of a GPU is too small for what the settings ask for. */
  GPU_MEMORY,
  /** A GPU failed, and with it every later call of its process. */
  GPU,
  /** Out of heap, or of memory for tensors. */
  MEMORY,
  /** A file could not be read or written, for an unclassified reason. */
  FILE,
  /** A network, file system or process failed or timed out. */
  ENVIRONMENT,
  /** Not classified, most likely a bug. */
  UNEXPECTED,
  /** Other ranks did not reach a collective in time; they report the cause, if anyone does. */
  PEER_LATE,
  /** The connection to another rank broke, which follows from that rank's failure. */
  PEER_LOST,
  /** The thread was interrupted or its task killed. */
  INTERRUPTED;

  /** Parts of error messages of the operating system, which Java reports as plain IOExceptions. */
  private static final List<String> SYSTEM_FAILURES =
      List.of(
          "no space left",
          "quota exceeded",
          "input/output error",
          "stale file handle",
          "transport endpoint is not connected",
          "host is down",
          "connection reset",
          "connection refused",
          "connection timed out",
          "broken pipe",
          "too many open files",
          "resource temporarily unavailable",
          "read-only file system");

  /** How messages of PyTorch begin that speak of CUDA and the libraries above it. */
  private static final List<String> GPU_FAILURES =
      List.of("CUDA error", "CUBLAS_STATUS_", "CUDNN_STATUS_", "CUDNN_BACKEND_", "NCCL error");

  /** Whether a retry would fail in the same way. */
  public boolean isFinal() {
    return switch (this) {
      case DATA, CONFIG, DIVERGED, CONFLICT, BUILD, GPU_MEMORY -> true;
      case GPU, MEMORY, FILE, ENVIRONMENT, UNEXPECTED, PEER_LATE, PEER_LOST, INTERRUPTED -> false;
    };
  }

  /** Whether it follows from the failure of another rank or an interruption. */
  public boolean isConsequence() {
    return this == PEER_LATE || this == PEER_LOST || this == INTERRUPTED;
  }

  /**
   * Classifies a failure by its chain of causes. Interruptions, lack of memory, broken collectives
   * and failures of network or storage take precedence anywhere in the chain. Otherwise the
   * outermost exception that can be classified decides.
   */
  public static FailureKind of(Throwable failure) {
    List<Throwable> causes = Failures.causes(failure);
    if (causes.stream().anyMatch(FailureKind::isInterrupt)) {
      return INTERRUPTED;
    } else if (causes.stream().anyMatch(FailureKind::isOutOfGpuMemory)) {
      return GPU_MEMORY;
    } else if (causes.stream().anyMatch(FailureKind::isGpuFailure)) {
      return GPU;
    } else if (causes.stream().anyMatch(FailureKind::isOutOfMemory)) {
      return MEMORY;
    }
    for (Throwable cause : causes) {
      if (cause instanceof CollectiveException collective) {
        return collective.isLate() ? PEER_LATE : PEER_LOST;
      }
    }
    if (causes.stream().anyMatch(FailureKind::isEnvironment)) {
      return ENVIRONMENT;
    }
    boolean attempted = false;
    for (Throwable cause : causes) {
      attempted |= cause instanceof RetryableException;
      FailureKind kind = kindOfOne(cause);
      if (kind == FILE && attempted) {
        return ENVIRONMENT;
      } else if (kind != UNEXPECTED) {
        return kind;
      }
    }
    return attempted ? ENVIRONMENT : UNEXPECTED;
  }

  private static FailureKind kindOfOne(Throwable cause) {
    if (cause instanceof VersionConflictException
        || cause instanceof RunBusyException
        || cause instanceof AttemptReplacedException) {
      return CONFLICT;
    } else if (cause instanceof DivergedException) {
      return DIVERGED;
    } else if (cause instanceof DamagedDataException
        || cause instanceof RejectedDataException
        || cause instanceof ChecksumException
        || cause instanceof StackOverflowError) { // only deeply nested input overflows the stack
      return DATA;
    } else if (cause instanceof InvalidInputException
        || cause instanceof AccessDeniedException
        || cause instanceof AccessControlException) {
      return CONFIG;
    } else if (cause instanceof LinkageError) {
      return BUILD;
    } else if (cause instanceof StateUnknownException) {
      return ENVIRONMENT;
    } else if (isHadoops(cause) && !(cause instanceof FileNotFoundException)) {
      return ENVIRONMENT;
    } else if (cause instanceof IOException) {
      return FILE;
    }
    return UNEXPECTED;
  }

  /** Hadoop's own exceptions report server failures, those of the JDK report files. */
  private static boolean isHadoops(Throwable cause) {
    return cause instanceof IOException
        && cause.getClass().getName().startsWith("org.apache.hadoop.");
  }

  private static boolean isInterrupt(Throwable cause) {
    return cause instanceof InterruptedException
        || cause instanceof ClosedByInterruptException
        || cause instanceof TaskKilledException
        || cause instanceof CancellationException
        || (cause instanceof InterruptedIOException && !(cause instanceof SocketTimeoutException));
  }

  /** In PyTorch's words, or by the name of the error in CUDA's. */
  private static boolean isOutOfGpuMemory(Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    return (cause instanceof EngineException && text.contains("CUDA out of memory"))
        || ((cause instanceof EngineException || cause instanceof CudaException)
            && text.contains("cudaErrorMemoryAllocation"));
  }

  /** What PyTorch, or a library under it, says of a GPU that failed. */
  private static boolean isGpuFailure(Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    return cause instanceof CudaException
        || (cause instanceof EngineException && GPU_FAILURES.stream().anyMatch(text::contains));
  }

  /** Out of heap, or of native memory for tensors. */
  private static boolean isOutOfMemory(Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    return cause instanceof OutOfMemoryError
        || (cause instanceof EngineException
            && (text.contains("out of memory")
                || text.contains("can't allocate memory")
                || text.contains("not enough memory")));
  }

  private static boolean isEnvironment(Throwable cause) {
    if (cause instanceof BindException
        || cause instanceof FileNotFoundException
        || cause instanceof NoSuchFileException
        || cause instanceof JsonProcessingException
        || cause instanceof CorruptCheckpointException) {
      return false; // a taken port is a wrong setting; messages of the others quote names and
      // content
    }
    return cause instanceof SocketException
        || cause instanceof NoRouteToHostException
        || cause instanceof UnknownHostException
        || cause instanceof SocketTimeoutException
        || cause instanceof UnresolvedAddressException
        || cause instanceof ClosedChannelException
        || cause instanceof FSError
        || ((cause instanceof IOException || cause instanceof Error)
            && !(cause instanceof DamagedDataException)
            && isSystemFailure(cause.getMessage()));
  }

  private static boolean isSystemFailure(String message) {
    String text = String.valueOf(message).toLowerCase(Locale.ROOT);
    return SYSTEM_FAILURES.stream().anyMatch(text::contains);
  }
}
