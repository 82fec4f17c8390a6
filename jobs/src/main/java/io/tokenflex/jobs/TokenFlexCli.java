package io.tokenflex.jobs;

import io.tokenflex.jobs.cli.CommandLines;

/** The main class of the job jar. */
public final class TokenFlexCli {
  private TokenFlexCli() {}

  /**
   * Runs a subcommand. Ends the JVM with status 2 for a wrong configuration or command line, 3 for
   * bad data, 4 for a failed cluster or training.
   */
  public static void main(String[] args) {
    int status = CommandLines.create().execute(args);
    // Not on success: an application master reports the return of main, not an exit.
    if (status != 0) {
      System.exit(status);
    }
  }
}
