/**
 * The command line: one subcommand per job, the same under {@code ./tokenflex} and spark-submit.
 */
package io.tokenflex.jobs.cli;
