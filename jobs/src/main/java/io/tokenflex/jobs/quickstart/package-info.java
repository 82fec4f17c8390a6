/** Everything in one command: a dataset, its preparation, training, evaluation and the report. */
package io.tokenflex.jobs.quickstart;
