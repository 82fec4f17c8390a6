/**
 * The folder of one run: its files on any Hadoop file system, its metrics, and the model and text
 * that it starts from. {@code docs/format/run-folder.md} is the contract.
 */
package io.tokenflex.jobs.run;
