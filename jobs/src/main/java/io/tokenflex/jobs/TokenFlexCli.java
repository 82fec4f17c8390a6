package io.tokenflex.jobs;

import io.tokenflex.jobs.cli.CommandLines;
import java.util.Locale;

/** The main class of the job jar. */
public final class TokenFlexCli {
  private TokenFlexCli() {}

  /**
   * Runs a subcommand. Ends the JVM with the status that docs/operations.md explains if it fails,
   * whatever was thrown.
   */
  public static void main(String[] args) {
    // Hadoop writes the numbers of requests to S3, and HDFS those of its files, in the digits of
    // the
    // locale; ours name theirs. Executors get user.language.format.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    int status = CommandLines.create().execute(args);
    // Not on success: an application master reports the return of main, not an exit.
    if (status != 0) {
      System.exit(status);
    }
  }
}
