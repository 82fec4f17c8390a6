package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.config.SettingsPage;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "settings",
    mixinStandardHelpOptions = true,
    description =
        "Prints every setting of a run with its type, default and meaning, as Markdown;"
            + " docs/settings.md is what it prints.")
final class SettingsCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getOut().print(SettingsPage.render());
    spec.commandLine().getOut().flush();
    return ExitCode.DONE.status();
  }
}
