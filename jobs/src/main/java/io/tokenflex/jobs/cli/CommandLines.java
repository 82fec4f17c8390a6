package io.tokenflex.jobs.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/** Puts the command line together. */
public final class CommandLines {
  private CommandLines() {}

  @Command(
      name = "tokenflex",
      mixinStandardHelpOptions = true,
      description =
          "Prepare, train, evaluate and report a TokenFLEX vision-language model on Spark.",
      subcommands = {
        QuickstartCommand.class,
        PrepareCommand.class,
        TrainCommand.class,
        EvaluateCommand.class,
        ReportCommand.class,
        InspectCommand.class,
        VerifyCommand.class,
        ExpireCommand.class,
        ImportCommand.class,
        ExportCommand.class
      },
      footer = {
        "",
        "Exit status: 0 done or nothing new, 2 bad configuration or usage, 3 bad data, 4 cluster or"
            + " training failed, 5 another run was first."
      })
  static final class Root {}

  /** The whole command line, ready to {@link CommandLine#execute}. */
  public static CommandLine create() {
    return new CommandLine(new Root())
        .setExitCodeExceptionMapper(failure -> ExitCode.of(failure).status())
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              report(failure, command.getErr());
              return ExitCode.of(failure).status();
            });
  }

  // A wrong setting needs its message only; a failed cluster needs every trace there is.
  private static void report(Throwable failure, PrintWriter err) {
    err.println(Ansi.AUTO.string("@|bold,red error:|@ ") + messages(failure));
    if (ExitCode.of(failure) == ExitCode.FAILED) {
      failure.printStackTrace(err);
    }
    err.flush();
  }

  private static String messages(Throwable failure) {
    StringBuilder text = new StringBuilder();
    String last = "";
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
      if (!message.isEmpty() && !last.contains(message)) {
        text.append(text.isEmpty() ? "" : "\n  because: ").append(message);
        last = message;
      }
    }
    return text.isEmpty() ? failure.toString() : text.toString();
  }
}
