package io.tokenflex.jobs;

import io.tokenflex.jobs.cli.CommandLines;

/** The main class of the job jar. */
public final class TokenFlexCli {
  private TokenFlexCli() {}

  /**
   * Runs a subcommand. Ends the JVM with the status that docs/operations.md explains if it fails,
   * whatever was thrown.
   */
  public static void main(String[] args) {
    int status = CommandLines.create().execute(args);
    // Not on success: an application master reports the return of main, not an exit.
    if (status != 0) {
      System.exit(status);
    }
  }
}
