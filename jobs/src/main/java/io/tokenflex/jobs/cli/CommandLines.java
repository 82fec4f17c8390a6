package io.tokenflex.jobs.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Assembles the command line from its subcommands. */
public final class CommandLines {
  private CommandLines() {}

  @Command(
      name = "tokenflex",
      mixinStandardHelpOptions = true,
      description =
          "Prepare, train, evaluate and report a TokenFLEX vision-language model on Spark.",
      subcommands = {
        QuickstartCommand.class,
        DoctorCommand.class,
        PrepareCommand.class,
        TrainCommand.class,
        EvaluateCommand.class,
        CalibrateCommand.class,
        ReportCommand.class,
        InspectCommand.class,
        VerifyCommand.class,
        ExpireCommand.class,
        ImportCommand.class,
        ExportCommand.class,
        ChatCommand.class,
        PredictCommand.class,
        SettingsCommand.class
      },
      footer = {
        "",
        "Exit status: 0 done or nothing new, 2 bad configuration or usage, 3 bad data, 4 cluster or"
            + " training failed, 5 another run was first, 6 the loss diverged."
      })
  static final class Root {
    @Option(
        names = CommandGuard.TRACE,
        scope = ScopeType.INHERIT,
        description = "Shows where in the program a failure happened.")
    boolean isTraced;
  }

  /** The complete command line, for {@link CommandLine#execute}. */
  public static CommandLine create() {
    return new CommandLine(new Root())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionStrategy(CommandGuard.strategy());
  }
}
