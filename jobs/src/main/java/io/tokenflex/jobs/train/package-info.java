/**
 * Training on Spark: the driver runs attempts of one barrier stage, a rank on each executor.
 *
 * <p>Spark gives training three things: the ranks' addresses, a device and a place to run.
 */
package io.tokenflex.jobs.train;
