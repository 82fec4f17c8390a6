/**
 * The jobs a user submits: prepare, train, evaluate, report, quickstart. The only module that knows
 * Spark and training alike.
 */
package io.tokenflex.jobs;
