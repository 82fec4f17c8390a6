package io.tokenflex.jobs.failure;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import io.tokenflex.checkpoint.CorruptCheckpointException;
import io.tokenflex.config.InvalidConfigException;
import io.tokenflex.cuda.CudaException;
import io.tokenflex.distributed.CollectiveException;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.train.DivergedException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailureKindTest {
  static Stream<Arguments> failures() {
    return Stream.of(
        failure(FailureKind.CONFIG, new InvalidConfigException("typo")),
        failure(FailureKind.CONFIG, new InvalidInputException("port", new BindException("in use"))),
        failure(FailureKind.CONFIG, new AccessDeniedException("/data")),
        failure(FailureKind.CONFIG, new AccessControlException("/data")),
        failure(FailureKind.DATA, new DamagedDataException("shard")),
        failure(FailureKind.DATA, new CorruptCheckpointException("c", new EOFException())),
        failure(FailureKind.DATA, new RejectedDataException(new InvalidInputException("x"))),
        failure(FailureKind.DATA, new StackOverflowError()),
        failure(FailureKind.DIVERGED, new DivergedException("NaN")),
        failure(FailureKind.BUILD, new NoClassDefFoundError("org/apache/spark/X")),
        failure(FailureKind.BUILD, new UnsatisfiedLinkError("torch")),
        failure(FailureKind.MEMORY, new OutOfMemoryError("Java heap space")),
        failure(FailureKind.MEMORY, new InvalidInputException("x", new OutOfMemoryError())),
        failure(FailureKind.MEMORY, new EngineException("can't allocate memory: you tried")),
        failure(
            FailureKind.GPU_MEMORY,
            new EngineException("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has")),
        failure(
            FailureKind.GPU_MEMORY,
            new CudaException("GPU 0: making its context failed: cudaErrorMemoryAllocation (x)")),
        failure(FailureKind.GPU, new EngineException("CUDA error: an illegal memory access was")),
        failure(FailureKind.GPU, new EngineException("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED")),
        failure(
            FailureKind.GPU,
            new CollectiveException("all-reduce failed", new CudaException("GPU 1: dead"))),
        failure(FailureKind.FILE, new FileNotFoundException("/data/x")),
        failure(FailureKind.FILE, new UncheckedIOException(new IOException("cannot rename"))),
        // As Hadoop reports that a name server did not answer.
        failure(
            FailureKind.ENVIRONMENT,
            new IllegalArgumentException(new UnknownHostException("namenode"))),
        failure(
            FailureKind.ENVIRONMENT,
            new InvalidConfigException("pretrained = x", new ConnectException("refused"))),
        failure(FailureKind.ENVIRONMENT, new SocketTimeoutException("read")),
        failure(FailureKind.ENVIRONMENT, FullDisk.error()),
        failure(FailureKind.ENVIRONMENT, new IOException("/mnt/x (Stale file handle)")),
        failure(FailureKind.ENVIRONMENT, new RemoteException("SafeModeException", "safe mode")),
        failure(FailureKind.ENVIRONMENT, new RetryableException("x", new IOException("y"))),
        failure(FailureKind.UNEXPECTED, new IllegalStateException("x")),
        failure(FailureKind.UNEXPECTED, new NullPointerException()),
        failure(FailureKind.UNEXPECTED, new AssertionError("x")),
        failure(
            FailureKind.PEER_LOST, new CollectiveException("x", new EOFException("was closed"))),
        failure(
            FailureKind.PEER_LATE,
            new CollectiveException("x", CollectiveException.late("y", new IOException("z")))),
        failure(FailureKind.INTERRUPTED, new InterruptedException()),
        failure(
            FailureKind.INTERRUPTED,
            new CollectiveException("Interrupted in an all-reduce", new InterruptedException())),
        failure(FailureKind.INTERRUPTED, new IOException("x", new InterruptedIOException())));
  }

  private static Arguments failure(FailureKind kind, Throwable failure) {
    return Arguments.of(kind, failure);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void theChainOfCausesTellsTheKind(FailureKind kind, Throwable failure) {
    assertThat(FailureKind.of(failure)).isEqualTo(kind);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void aWrapperThatSaysNothingOfItsOwnChangesNothing(FailureKind kind, Throwable failure) {
    Throwable wrapped =
        new IllegalStateException("Reading failed", new ExecutionException(failure));
    assertThat(FailureKind.of(wrapped)).isEqualTo(kind);
  }

  /** Another attempt asks for as much memory; another executor has another context. */
  @Test
  void aFullGpuIsFinalAndAFailedOneIsNot() {
    assertThat(FailureKind.GPU_MEMORY.isFinal()).isTrue();
    assertThat(FailureKind.GPU.isFinal()).isFalse();
    assertThat(FailureKind.GPU.isConsequence()).isFalse();
  }

  @Test
  void someoneElsesIllegalArgumentIsNotTheUsersMistake() {
    assertThat(FailureKind.of(new IllegalArgumentException("x")).isFinal()).isFalse();
    assertThat(FailureKind.of(new InvalidInputException("x")).isFinal()).isTrue();
  }

  @Test
  void aResetConnectionIsNoDamageAlthoughTheReaderSaysSo() {
    Throwable misled = new CorruptCheckpointException("manifest", new SocketException("reset"));
    assertThat(FailureKind.of(misled)).isEqualTo(FailureKind.ENVIRONMENT);
  }

  @Test
  void aChainThatBitesItsTailEnds() {
    Exception first = new IllegalStateException("a");
    Exception second = new IllegalStateException("b", first);
    first.initCause(second);
    assertThat(FailureKind.of(first)).isEqualTo(FailureKind.UNEXPECTED);
    assertThat(Failures.messages(first)).containsExactly("a", "b");
  }

  @Test
  void messagesSayEachThingOnce() {
    Throwable full = FullDisk.error();
    assertThat(Failures.messages(new IOException("Cannot write /run/x", full)))
        .containsExactly("Cannot write /run/x", "No space left on device");
    assertThat(Failures.inOneLine(new OutOfMemoryError("Java heap space")))
        .isEqualTo("OutOfMemoryError: Java heap space");
    assertThat(Failures.inOneLine(new InterruptedException())).isEqualTo("InterruptedException");
    assertThat(Failures.inOneLine(new NullPointerException()))
        .startsWith("NullPointerException at io.tokenflex.jobs.failure.FailureKindTest");
  }
}
