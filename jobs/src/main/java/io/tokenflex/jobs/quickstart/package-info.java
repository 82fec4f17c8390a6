/** Runs all stages in one command: generate a dataset, prepare, train, evaluate and report. */
package io.tokenflex.jobs.quickstart;
