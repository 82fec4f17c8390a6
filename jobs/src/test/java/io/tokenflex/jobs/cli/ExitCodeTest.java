package io.tokenflex.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.config.InvalidConfigException;
import io.tokenflex.dataprep.dataset.VersionConflictException;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.failure.FullDisk;
import io.tokenflex.jobs.failure.RejectedDataException;
import io.tokenflex.jobs.failure.RetryableException;
import io.tokenflex.train.DivergedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Serial;
import java.io.StringWriter;
import java.net.UnknownHostException;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class ExitCodeTest {
  /** Every row of the table in docs/operations.md, and what must not fall out of it. */
  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(2, new InvalidConfigException("x")),
        Arguments.of(2, new InvalidInputException("x")),
        Arguments.of(2, new NoClassDefFoundError("org/apache/spark/X")),
        Arguments.of(3, new DamagedDataException("x")),
        Arguments.of(3, new FileNotFoundException("x")),
        Arguments.of(3, new IllegalStateException("job", new DamagedDataException("x"))),
        Arguments.of(3, new RetryableException("job", new DamagedDataException("x"))),
        Arguments.of(3, new RejectedDataException(new InvalidInputException("x"))),
        Arguments.of(3, new StackOverflowError()),
        Arguments.of(4, new IllegalArgumentException(new UnknownHostException("namenode"))),
        Arguments.of(4, FullDisk.error()),
        Arguments.of(4, new OutOfMemoryError("Java heap space")),
        Arguments.of(4, new RetryableException("job", new IOException("x"))),
        Arguments.of(4, new IllegalStateException("x")),
        Arguments.of(4, new AssertionError("x")),
        Arguments.of(4, new ThreadDeathOfSomeKind()),
        Arguments.of(5, new VersionConflictException("x")),
        Arguments.of(6, new DivergedException("Step 1: loss NaN")));
  }

  /** Neither an Exception nor an Error. */
  private static final class ThreadDeathOfSomeKind extends Throwable {
    @Serial private static final long serialVersionUID = 1;
  }

  @ParameterizedTest
  @MethodSource("failures")
  void whateverIsThrownHasAStatusOfTheTableAndAMessageWithoutATrace(int status, Throwable failure) {
    StringWriter text = new StringWriter();
    int actual =
        CommandGuard.run(
            () -> ExitCodeTest.<RuntimeException>fail(failure),
            /* isTraced= */ false,
            new PrintWriter(text));
    assertThat(actual).isEqualTo(status);
    assertThat(text.toString()).contains("error:").doesNotContain("\tat ");
    assertThat(text.toString().strip()).doesNotEndWith("error:");
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> Integer fail(Throwable failure) throws T {
    throw (T) failure;
  }

  @Test
  void theTraceIsShownWhereItIsAskedFor() {
    StringWriter text = new StringWriter();
    CommandGuard.run(
        () -> ExitCodeTest.<RuntimeException>fail(new IllegalStateException("x")),
        /* isTraced= */ true,
        new PrintWriter(text));
    assertThat(text.toString()).contains("\tat io.tokenflex.jobs.cli.ExitCodeTest");
  }

  @Test
  void everyCommandTakesTheTraceOption() {
    for (CommandLine command : CommandLines.create().getSubcommands().values()) {
      assertThat(command.getCommandSpec().findOption(CommandGuard.TRACE))
          .as(command.getCommandName())
          .isNotNull();
    }
  }

  @Test
  void errorsOfACommandEndAsItsStatus() {
    StringWriter err = new StringWriter();
    CommandLine commands = CommandLines.create().setErr(new PrintWriter(err));
    commands.addSubcommand("burst", CommandSpec.wrapWithoutInspection(new Burst()));
    assertThat(commands.execute("burst")).isEqualTo(4);
    assertThat(err.toString()).contains("Java heap space").contains("cluster.driverMemory");
  }

  private static final class Burst implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  @Test
  void unknownCommandsAndOptionsAreUsageErrors() {
    assertThat(CommandLines.create().execute("fly")).isEqualTo(2);
    assertThat(CommandLines.create().execute("report", "--unknown")).isEqualTo(2);
  }

  @Test
  void aMissingConfigurationFileIsStatusTwo() {
    assertThat(CommandLines.create().execute("report", "--conf", "no-such.conf")).isEqualTo(2);
  }
}
