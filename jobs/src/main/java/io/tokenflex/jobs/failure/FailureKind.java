package io.tokenflex.jobs.failure;

import ai.djl.engine.EngineException;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.tokenflex.checkpoint.AttemptReplacedException;
import io.tokenflex.checkpoint.CheckpointStateUnknownException;
import io.tokenflex.checkpoint.CorruptCheckpointException;
import io.tokenflex.checkpoint.RunBusyException;
import io.tokenflex.dataprep.dataset.VersionConflictException;
import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.failure.InvalidInputException;
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
 * What kind of thing went wrong. The kinds stand in the order of how much they explain: when
 * several ranks fail, the first kind among them is the cause and the later ones follow from it.
 */
public enum FailureKind {
  /** Stored data is missing or damaged. */
  DATA,
  /** A setting, an argument, or what they name is wrong. */
  CONFIG,
  /** The loss is no number any more. */
  DIVERGED,
  /** Another run was first. */
  CONFLICT,
  /** Classes or native libraries do not fit together. */
  BUILD,
  /** The heap, or the memory for tensors, is full. */
  MEMORY,
  /** A file could not be read or written, for a reason that the file system did not classify. */
  FILE,
  /** A network, a file system or a process failed, or did not answer in time. */
  ENVIRONMENT,
  /** Nobody foresaw this: a fault of the program. */
  UNEXPECTED,
  /** Other ranks did not come to a collective in time: they know why, if anybody does. */
  PEER_LATE,
  /** The connection to another rank broke: what follows when that rank fails. */
  PEER_LOST,
  /** Somebody asked this thread to stop. */
  INTERRUPTED;

  /** Words of the system's own messages, which Java passes on in plain IOExceptions. */
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

  /** Whether the same work would fail in the same way again. */
  public boolean isFinal() {
    return switch (this) {
      case DATA, CONFIG, DIVERGED, CONFLICT, BUILD -> true;
      case MEMORY, FILE, ENVIRONMENT, UNEXPECTED, PEER_LATE, PEER_LOST, INTERRUPTED -> false;
    };
  }

  /** Whether somebody else's failure is the reason. */
  public boolean isConsequence() {
    return this == PEER_LATE || this == PEER_LOST || this == INTERRUPTED;
  }

  /**
   * The kind of a failure, from its whole chain of causes. An interrupt, a full heap and a broken
   * connection decide wherever they stand: what was thrown around them only says what was being
   * done. Of the rest the outermost exception that tells anything decides.
   */
  public static FailureKind of(Throwable failure) {
    List<Throwable> causes = Failures.causes(failure);
    if (causes.stream().anyMatch(FailureKind::isInterrupt)) {
      return INTERRUPTED;
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
        || cause instanceof StackOverflowError) { // only input nests without end
      return DATA;
    } else if (cause instanceof InvalidInputException
        || cause instanceof AccessDeniedException
        || cause instanceof AccessControlException) {
      return CONFIG;
    } else if (cause instanceof LinkageError) {
      return BUILD;
    } else if (cause instanceof CheckpointStateUnknownException) {
      return ENVIRONMENT;
    } else if (isHadoops(cause) && !(cause instanceof FileNotFoundException)) {
      return ENVIRONMENT;
    } else if (cause instanceof IOException) {
      return FILE;
    }
    return UNEXPECTED;
  }

  /** Exceptions of Hadoop's own speak of servers; those of the JDK of files. */
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

  /** Of the heap, or of the memory that tensors take outside of it. */
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
      return false; // a taken port is a setting; the others' messages quote names and content
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
