/** The command line: one subcommand per job, for {@code ./tokenflex} and spark-submit alike. */
package io.tokenflex.jobs.cli;
