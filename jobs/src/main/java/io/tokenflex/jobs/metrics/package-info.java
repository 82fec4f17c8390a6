/** The metrics of a run's steps: their files, who writes and who reads them. */
package io.tokenflex.jobs.metrics;
